import { openClaimsBetween } from "../audit/old-rows.ts";
import { chunk } from "../chunk.ts";
import type { Deps } from "../deps.ts";
import { failureMessage } from "../failure.ts";
import { currentEpoch, epochFromRows } from "../restore/epoch.ts";
import { transaction } from "../storage/query.ts";

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
