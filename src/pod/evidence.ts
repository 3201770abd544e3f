import { query, sql, transaction, type Query } from "../storage/query.ts";
import { wantRouting } from "../sweep/pending.ts";
import type { Claim } from "./claim.ts";
import type { Evidence } from "./settle.ts";

/**
 * What D1 says of claims that a pod holds. A lead that is stored but undecided goes on `pending` in the same
 * transaction: the absence of a decision is no evidence, a consumer that seems dead may commit an hour later.
 */
export async function findEvidence(
  db: D1Database,
  podId: string,
  claims: readonly Claim[],
  now: number,
): Promise<Map<number, Evidence>> {
  if (claims.length === 0) return new Map();
  const [found] = await transaction(db, [evidenceOf(podId, claims), wantRouting(claims, now)]);
  return new Map(found.map((row) => [row.seq, row.evidence]));
}

function evidenceOf(
  podId: string,
  claims: readonly Claim[],
): Query<{ seq: number; evidence: Evidence }> {
  const held = JSON.stringify(
    claims.map(({ leadId, generation, seq }) => [leadId, generation, seq]),
  );
  return query(sql`
    SELECT c.value ->> 2 AS seq,
      CASE
        WHEN d.pod_id = ${podId} AND d.claim_seq = c.value ->> 2 THEN 'names_this_claim'
        WHEN d.lead_id IS NOT NULL THEN 'names_another'
        WHEN l.id IS NULL THEN 'lead_gone'
        ELSE 'undecided'
      END AS evidence
    FROM json_each(${held}) c
    LEFT JOIN leads l ON l.id = c.value ->> 0
    LEFT JOIN decisions d ON d.lead_id = c.value ->> 0 AND d.generation = c.value ->> 1`);
}
