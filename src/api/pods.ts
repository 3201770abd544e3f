import { Hono } from "hono";
import { z } from "zod";
import type { Chain } from "../chain/chain.ts";
import type { Pod } from "../chain/pod.ts";
import type { Deps } from "../deps.ts";
import { classifyFailure } from "../failure.ts";
import { shareOf } from "../pod/ledger.ts";
import type { PodSnapshot } from "../pod/snapshot.ts";
import { listMembers, putMember, removeMember, type Member } from "../roster/members.ts";
import type { ApiEnv } from "./app.ts";
import { requireConfirmed } from "./confirm.ts";
import { cap, readId, readJson, refuseFields, should } from "./input.ts";
import { isoInstant, presentCandidate } from "./present.ts";
import { Problem } from "./problem.ts";

const WEIGHT = should("a whole number from 1 to 1000");

/** The body of `PUT /pods/:pod/members/:rep`. A cap that is left out is the pod's default. */
const memberBody = z.strictObject({
  weight: z
    .int({ error: WEIGHT })
    .min(1, { error: WEIGHT })
    .max(1000, { error: WEIGHT })
    .default(1),
  dailyCap: cap,
  openCap: cap,
});

/** `/pods`: what rules.ts says of the pods, who is in them, and whose turn it is. Mounted under /api. */
export function podsApi(): Hono<ApiEnv> {
  const api = new Hono<ApiEnv>();

  api.get("/pods", async (c) => {
    const { chain, db } = c.var.deps;
    const members = await listMembers(
      db,
      chain.pods.map(({ id }) => id),
    );
    return c.json({
      items: chain.pods.map((pod) => showPod(chain, pod, members)),
      nextCursor: null,
    });
  });

  api.get("/pods/:pod", async (c) => {
    const { chain, db } = c.var.deps;
    const pod = chain.pods.find(({ id }) => id === c.req.param("pod"));
    if (!pod) throw noPod(c.req.param("pod"));
    const [members, ledger] = await Promise.all([
      listMembers(db, [pod.id]),
      readLedger(c.var.deps, pod.id),
    ]);
    return c.json({ ...showPod(chain, pod, members), ledger: showLedger(ledger) });
  });

  api.put("/pods/:pod/members/:rep", async (c) => {
    const podId = c.req.param("pod");
    const repId = readId("rep", c.req.param("rep"));
    const values = await readJson(c.req.raw, memberBody);
    const saved = await putMember(c.var.deps, c.var.actor, podId, repId, values);
    switch (saved.outcome) {
      case "unknown_pod":
        throw noPod(podId);
      case "unknown_rep":
        throw refuseFields([{ field: "rep", message: `names no rep: there is no ${repId}` }]);
      case "inactive_rep":
        throw refuseFields([{ field: "rep", message: `names a deactivated rep: ${repId}` }]);
    }
    requireConfirmed(saved.unconfirmed);
    return c.json({ podId, ...showMember(saved.value) }, saved.outcome === "added" ? 201 : 200);
  });

  api.delete("/pods/:pod/members/:rep", async (c) => {
    const podId = c.req.param("pod");
    const repId = readId("rep", c.req.param("rep"));
    const { outcome, unconfirmed } = await removeMember(c.var.deps, c.var.actor, podId, repId);
    requireConfirmed(unconfirmed);
    if (outcome === "not_found")
      throw new Problem("not_found", `The pod ${podId} has no member ${repId}.`);
    return c.body(null, 204);
  });

  return api;
}

async function readLedger(deps: Deps, podId: string): Promise<PodSnapshot> {
  try {
    return await deps.pod(podId).snapshot();
  } catch (error) {
    deps.log("warn", "pod_snapshot_failed", { pod: podId, failure: classifyFailure(error) });
    throw new Problem("unavailable", `The pod ${podId} does not answer just now.`);
  }
}

function showPod(chain: Chain, { id, settings }: Pod, members: readonly Member[]) {
  return {
    id,
    settings: { dailyCap: null, openCap: null, ...settings },
    rules: chain.rules
      .filter(({ pod }) => pod?.id === id)
      .map(({ name, kind, definition }) => ({ name, kind, definition })),
    members: members.filter(({ podId }) => podId === id).map(showMember),
  };
}

function showMember({ repId, weight, dailyCap, openCap, joinedAt }: Member) {
  return { repId, weight, dailyCap, openCap, joinedAt: isoInstant(joinedAt) };
}

function showLedger({ at, members, waiting, ...ledger }: PodSnapshot) {
  return {
    ...ledger,
    at: isoInstant(at),
    members: members.map(showLine),
    waiting: waiting.map(({ since, until, ...lead }) => ({
      ...lead,
      since: isoInstant(since),
      until: isoInstant(until),
    })),
  };
}

/** A member's line: `count` is today's, `balance` is what is owed in the ledger's units, as trails have it. */
function showLine(line: PodSnapshot["members"][number]) {
  return { ...presentCandidate(line), ...shareOf(line) };
}

export function noPod(podId: string): Problem {
  return new Problem("not_found", `There is no pod ${podId} in rules.ts.`);
}
