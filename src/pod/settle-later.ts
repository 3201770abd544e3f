import { appendCommit, insertEvents, leadEvent } from "../record/events.ts";
import { debitingPods, finish } from "../record/pending.ts";
import { claimsToRelease, ownersIn } from "../record/decisions.ts";
import { type DecisionKey } from "../record/decision-key.ts";
import { currentEpoch, epochFromRows } from "../record/marks.ts";
import { failureMessage } from "../lib/failure.ts";
import { rows, transaction } from "../lib/query.ts";
import type { Deps } from "../ports/deps.ts";

/** Frees the open slots behind these decisions' claims, then takes them off the list. A pod away = next time. */
export async function releaseClaims(deps: Deps, keys: readonly DecisionKey[]): Promise<void> {
  if (keys.length === 0) return;
  const [rested, epoch] = await transaction(deps.db, [claimsToRelease(keys), currentEpoch()]);
  for (const [podId, held] of Map.groupBy(rested, (claim) => claim.podId)) {
    try {
      const seqs = held.map(({ claimSeq }) => claimSeq);
      await deps.pod(podId).release(seqs, epochFromRows(epoch));
      await transaction(deps.db, [finish("release", held)]);
    } catch (error) {
      deps.log("warn", "release_put_off", {
        pod: podId,
        claims: held.length,
        error: failureMessage(error),
      });
    }
  }
}

/**
 * Has each pod debit its member for leads they got past the rotation, records it, and takes the rows off the list. A pod that
 * is away: next time. Each pod enters a decision once, however often it is asked.
 */
export async function enterDebits(deps: Deps, keys: readonly DecisionKey[]): Promise<void> {
  if (keys.length === 0) return;
  const owners = await rows(deps.db, ownersIn(keys, debitingPods(deps.chain)));
  const byPod = Map.groupBy(owners, ({ podId }) => podId);
  try {
    await Promise.all([...byPod].map(([podId, debits]) => deps.pod(podId).debit(debits)));
  } catch (error) {
    deps.log("warn", "debits_put_off", { decisions: keys.length, error: failureMessage(error) });
    return;
  }
  const now = deps.now();
  const events = owners.map(({ repId, podId, ...key }) =>
    leadEvent(deps.newId(), key, {
      kind: "ledger_debited",
      occurredAt: now,
      detail: { podId, repId },
    }),
  );
  await transaction(deps.db, [
    insertEvents(events),
    appendCommit(now, [], events),
    finish("debit", keys),
  ]);
}
