import { Hono } from "hono";
import { countConsistency } from "../audit/consistency.ts";
import type { Deps } from "../deps.ts";
import { failureMessage } from "../failure.ts";
import type { ApiEnv } from "./app.ts";

/** Whether what the tables and the pods count agrees, and what waits. */
export function healthApi(): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>();
  app.get("/health/consistency", async (c) => c.json(await checkConsistency(c.var.deps)));
  return app;
}

/**
 * Counts leads, decisions and claims: `balanced` says that every lead is assigned, unassigned or undecided, and
 * nothing is counted that is no lead. Reads whole tables (see `countConsistency`) and asks every pod once.
 */
export async function checkConsistency(deps: Deps) {
  const podIds = deps.chain.pods.map(({ id }) => id);
  const counted = await countConsistency(deps.db, podIds);
  const pods = await Promise.all(
    podIds.map(async (podId) => ({
      podId,
      ...(await askHeld(deps, podId)),
      versionInD1: counted.podVersions.get(podId) ?? 0,
    })),
  );
  const { leads, assigned, unassigned, undecided, pending, oldestUndecided, oldestUnnotified } =
    counted;
  const ageSeconds = (since: number) => Math.max(0, Math.round((deps.now() - since) / 1000));
  return {
    balanced: leads === assigned + unassigned + undecided,
    leads,
    assigned,
    unassigned,
    undecided,
    pending,
    oldestUndecided: oldestUndecided && {
      leadId: oldestUndecided.leadId,
      ageSeconds: ageSeconds(oldestUndecided.receivedAt),
    },
    oldestUnnotified: oldestUnnotified && {
      leadId: oldestUnnotified.leadId,
      generation: oldestUnnotified.generation,
      ageSeconds: ageSeconds(oldestUnnotified.committedAt),
    },
    pods,
  };
}

/** A pod's unsettled claims and its roster's version; both null when the pod did not answer. */
async function askHeld(
  deps: Deps,
  podId: string,
): Promise<{ held: number | null; version: number | null }> {
  try {
    const { held, version } = await deps.pod(podId).snapshot();
    return { held, version };
  } catch (error) {
    deps.log("warn", "pod_not_asked", { pod: podId, error: failureMessage(error) });
    return { held: null, version: null };
  }
}
