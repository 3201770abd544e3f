import { openClaimsBetween } from "../record/old-rows.ts";
import { chunk } from "../lib/chunks.ts";
import type { Deps } from "../ports/deps.ts";
import { failureMessage } from "../lib/failure.ts";
import { currentEpoch, epochFromRows } from "../record/marks.ts";
import { transaction } from "../lib/query.ts";

/** Claims released per call of a pod: it looks each one up. */
const RELEASED_AT_ONCE = 500;

/**
 * Frees the open slots that the leads between two ids, both included, still take in their pods. Yields false when a pod did not answer,
 * which is logged; the others' slots are free. Safe to repeat.
 */
export async function freeOpenSlots(deps: Deps, first: string, last: string): Promise<boolean> {
  const [open, epoch] = await transaction(deps.db, [
    openClaimsBetween(first, last),
    currentEpoch(),
  ]);
  let all = true;
  for (const [podId, claims] of Map.groupBy(open, (claim) => claim.podId)) {
    const seqs = claims.map(({ claimSeq }) => claimSeq);
    try {
      for (const some of chunk(seqs, RELEASED_AT_ONCE))
        await deps.pod(podId).release(some, epochFromRows(epoch));
    } catch (error) {
      all = false;
      deps.log("warn", "archive_waits_for_pod", { pod: podId, error: failureMessage(error) });
    }
  }
  return all;
}
