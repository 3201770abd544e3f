import { leadMayBeArchived } from "../record/archives.ts";
import { type DecisionKey, keyList } from "../record/decision-key.ts";
import { query, type Query, rows, sql, transaction } from "../lib/query.ts";
import { debitingPods, finish, wantRouting } from "../record/pending.ts";
import type { Evidence, HeldClaim } from "./claims.ts";
import type { Found } from "./pod.ts";
import { appendCommit, insertEvents, leadEvent } from "../record/events.ts";
import { claimsToRelease, ownersIn } from "../record/decisions.ts";
import { currentEpoch, epochFromRows } from "../record/marks.ts";
import { failureMessage } from "../lib/failure.ts";
import type { Deps } from "../ports/deps.ts";

/**
 * What D1 says of claims that a pod holds, and of leads that wait in it. A claimed lead that is stored but undecided goes on
 * `pending` in the same transaction: the absence of a decision is no evidence, a consumer that seems dead may commit an
 * hour later.
 */
export async function findEvidence(
  db: D1Database,
  podId: string,
  claims: readonly HeldClaim[],
  waiting: readonly DecisionKey[],
  now: number,
): Promise<Found> {
  if (claims.length === 0 && waiting.length === 0) return { claims: new Map(), over: [] };
  const [found, over] = await transaction(db, [
    evidenceOf(podId, claims),
    overOf(waiting),
    wantRouting(claims, now),
  ]);
  return { claims: new Map(found.map((row) => [row.seq, row.evidence])), over };
}

function evidenceOf(
  podId: string,
  claims: readonly HeldClaim[],
): Query<{ seq: number; evidence: Evidence }> {
  const held = JSON.stringify(
    claims.map(({ leadId, generation, seq }) => [leadId, generation, seq]),
  );
  return query(sql`
    SELECT c.value ->> 2 AS seq,
      CASE
        WHEN d.pod_id = ${podId} AND d.claim_seq = c.value ->> 2 THEN 'names_this_claim'
        WHEN d.lead_id IS NOT NULL THEN 'names_another'
        -- Archived with its decision, which settled this claim or never will: what the decision counts is not taken back.
        WHEN l.id IS NULL AND ${leadMayBeArchived(sql`c.value ->> 0`)} THEN 'names_this_claim'
        WHEN l.id IS NULL THEN 'lead_gone'
        ELSE 'undecided'
      END AS evidence
    FROM json_each(${held}) c
    LEFT JOIN leads l ON l.id = c.value ->> 0
    LEFT JOIN decisions d ON d.lead_id = c.value ->> 0 AND d.generation = c.value ->> 1`);
}

/** Those of these leads that need not wait any longer: decided, gone, or to be re-routed no more. */
export function overOf(waiting: readonly DecisionKey[]): Query<DecisionKey> {
  return query(sql`
    SELECT k.value ->> 0 AS leadId, k.value ->> 1 AS generation
    FROM json_each(${keyList(waiting)}) k
    WHERE NOT EXISTS (SELECT 1 FROM leads l WHERE l.id = k.value ->> 0)
      OR EXISTS (SELECT 1 FROM decisions d WHERE d.lead_id = k.value ->> 0 AND d.generation = k.value ->> 1)
      OR (k.value ->> 1 > 1 AND NOT EXISTS (
        SELECT 1 FROM pending i WHERE i.lead_id = k.value ->> 0 AND i.generation = k.value ->> 1 AND i.kind = 'route'))`);
}

/** Frees the open slots behind these decisions' claims, then takes them off the list. A pod away = next time. */
export async function releaseClaims(
  deps: Pick<Deps, "db" | "pod" | "log">,
  keys: readonly DecisionKey[],
): Promise<void> {
  if (keys.length === 0) return;
  const [rested, epoch] = await transaction(deps.db, [claimsToRelease(keys), currentEpoch()]);
  for (const [podId, held] of Map.groupBy(rested, (claim) => claim.podId)) {
    try {
      const seqs = held.map(({ claimSeq }) => claimSeq);
      await deps.pod(podId).release(seqs, epochFromRows(epoch));
      await transaction(deps.db, [finish("release", held)]);
    } catch (error) {
      const putOff = { pod: podId, claims: held.length, error: failureMessage(error) };
      deps.log("warn", "release_put_off", putOff);
    }
  }
}

/**
 * Has each pod debit its member for leads they got past the rotation, records it, and takes the rows off the list. A pod that
 * is away: next time. Each pod enters a decision once, however often it is asked.
 */
export async function enterDebits(
  deps: Pick<Deps, "db" | "chain" | "pod" | "now" | "newId" | "log">,
  keys: readonly DecisionKey[],
): Promise<void> {
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
  const events = owners.map(({ repId, podId, ...key }) => {
    const detail = { podId, repId };
    return leadEvent(deps.newId(), key, { kind: "ledger_debited", occurredAt: now, detail });
  });
  await transaction(deps.db, [
    insertEvents(events),
    appendCommit(now, [], events),
    finish("debit", keys),
  ]);
}
