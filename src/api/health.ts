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
 * nothing is counted that is no lead. Of each pod: `claims` it took and not gave back, `held` ones still to be
 * settled, and the `decisions` that name it; at rest nothing is held and claims equal decisions. Reads whole tables (see `countConsistency`) and asks every pod once.
 */
async function checkConsistency(deps: Deps) {
  const podIds = deps.chain.pods.map(({ id }) => id);
  const counted = await countConsistency(deps.db, podIds);
  const pods = await Promise.all(
    podIds.map(async (podId) => ({
      podId,
      ...(await askCounts(deps, podId)),
      decisions: counted.podDecisions.get(podId) ?? 0,
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

/** A pod's claims, those of them unsettled, and its roster's version; all null when the pod did not answer. */
async function askCounts(
  deps: Deps,
  podId: string,
): Promise<{ claims: number | null; held: number | null; version: number | null }> {
  try {
    const { standing, held, version } = await deps.pod(podId).snapshot();
    return { claims: standing, held, version };
  } catch (error) {
    deps.log("warn", "pod_not_asked", { pod: podId, error: failureMessage(error) });
    return { claims: null, held: null, version: null };
  }
}
