import { archivedClaimsOf } from "../record/archives.ts";
import { readPodDecisions } from "../record/pod-decisions.ts";
import type { DecisionKey } from "../record/decision-key.ts";
import { RouterError } from "../lib/failure.ts";
import { rosterFromRow, rosterRows } from "../roster/index.ts";
import { rows, transaction } from "../lib/query.ts";
import { overOf } from "./evidence.ts";
import type { PodCore } from "./pod.ts";
import { countArchivedClaims } from "./recount.ts";

/**
 * Has a pod count anew from D1, in steps of bounded size, and then belong to the epoch. Other requests come in between the steps,
 * but none that counts: D1 takes no decision by a claim of an older epoch any more, and in this one the pod has drawn none.
 * Safe to break off: the pod stays as it was until the last step.
 * @param now for absences that have ended, in milliseconds since the epoch
 */
export async function rebuild(
  core: PodCore,
  db: D1Database,
  podId: string,
  epoch: number,
  now: number,
): Promise<void> {
  const recount = core.beginRecount();
  const archivedBefore = await rows(db, archivedClaimsOf(podId));
  let after: DecisionKey | null = null;
  do {
    const { decisions, next } = await readPodDecisions(db, podId, after);
    core.count(recount, decisions);
    after = next;
  } while (after !== null);
  const [[row], over, archived] = await transaction(db, [
    rosterRows([podId], now),
    overOf(core.waiting),
    archivedClaimsOf(podId),
  ]);
  // What went from D1 into the archive meanwhile would be counted twice, or not at all: next time.
  if (JSON.stringify(archived) !== JSON.stringify(archivedBefore))
    throw new RouterError("decisions were archived while they were counted");
  countArchivedClaims(recount, archived);
  const roster = row ? rosterFromRow(row) : { podId, version: 0, members: [] };
  core.adoptRecount(recount, { roster, over }, epoch);
}
