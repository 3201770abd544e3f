import { cutPage, type Page, SCAN_LIMIT } from "../../record/lead-lists.ts";
import { decisionColumns, type DecisionRow } from "../../record/lead-story.ts";
import { leadColumns, type LeadRow } from "../../record/leads.ts";
import type { DecisionKey } from "../../record/decision-key.ts";
import { query, sql, transaction } from "../../lib/query.ts";

/** A lead and the decision that nobody gets it. */
export type UnassignedLead = LeadRow & DecisionRow;

/**
 * The ops queue: leads whose newest decision is `unassigned`, oldest first. Those closed need nobody any more, and
 * of those erased nothing is left to work on. Looks at a bounded number of `unassigned` decisions a page, those
 * that later generations resolved among them.
 */
export async function listUnassigned(
  db: D1Database,
  limit: number,
  after: DecisionKey | null,
): Promise<Page<UnassignedLead, DecisionKey>> {
  // The outcome is a literal: a bound value would not let SQLite use the partial index `decisions_unassigned`.
  const scanned = sql`
    SELECT d.lead_id, d.generation FROM decisions d
    WHERE d.outcome = 'unassigned' AND (d.lead_id, d.generation) > (${after?.leadId ?? ""}, ${after?.generation ?? 0})
    ORDER BY d.lead_id, d.generation LIMIT ${SCAN_LIMIT}`;
  const [found, [scan]] = await transaction(db, [
    query<UnassignedLead>(sql`
      WITH scanned AS MATERIALIZED (${scanned})
      SELECT ${leadColumns}, ${decisionColumns}
      FROM scanned s
      CROSS JOIN decisions d ON d.lead_id = s.lead_id AND d.generation = s.generation
      CROSS JOIN leads l ON l.id = s.lead_id
      WHERE l.erased_at IS NULL
        AND NOT EXISTS (SELECT 1 FROM decisions n WHERE n.lead_id = s.lead_id AND n.generation > s.generation)
        AND NOT EXISTS (
          SELECT 1 FROM events e WHERE e.subject_type = 'lead' AND e.subject_id = s.lead_id
            AND e.kind = 'closed' AND e.generation = s.generation)
      ORDER BY s.lead_id, s.generation LIMIT ${limit + 1}`),
    query<{ count: number; leadId: string; generation: number }>(sql`
      WITH scanned AS MATERIALIZED (${scanned})
      SELECT count(*) OVER () AS count, lead_id AS leadId, generation FROM scanned
      ORDER BY lead_id DESC, generation DESC LIMIT 1`),
  ]);
  const keyOf = ({ leadId, generation }: DecisionKey): DecisionKey => ({ leadId, generation });
  const last = scan === undefined ? null : keyOf(scan);
  return cutPage(found, limit, keyOf, { count: scan?.count ?? 0, last }, SCAN_LIMIT);
}
