import { query, rows, sql } from "../lib/query.ts";
import {
  cutPage,
  isListed,
  type LeadFilter,
  type ListKey,
  type Page,
  SCAN_LIMIT,
  scanLeads,
} from "./lead-lists.ts";
import { intentOf, isClosed } from "./lead-acts.ts";

/** A decided lead that a filter takes in, and what a re-route needs to know of it. */
export interface RerouteCandidate {
  readonly leadId: string;
  /** The newest generation: the one to be replaced. */
  readonly generation: number;
  readonly ownerId: string | null;
  readonly rule: string | null;
  /** 1 = a person gave it to its owner, no rule. */
  readonly byHand: 0 | 1;
  readonly erased: 0 | 1;
  readonly closed: 0 | 1;
  /** 1 = a re-route of it is under way. */
  readonly intent: 0 | 1;
  /** 1 = this very bulk has re-routed it before. */
  readonly taken: 0 | 1;
}

interface Found extends RerouteCandidate {
  readonly scanned: number;
  readonly lastDay: string;
  readonly lastId: string;
  readonly day: string;
}

/**
 * Leads that a filter takes in, oldest first, with where they stand. A page looks at up to 500 leads: it may be short, and
 * `next` carries on. Of a lead's fields nothing is read.
 * @param bulk names the bulk that asks
 */
export async function listRerouteCandidates(
  db: D1Database,
  filter: LeadFilter,
  bulk: string,
  after: ListKey | null,
  limit: number,
): Promise<Page<RerouteCandidate, ListKey>> {
  const found = await rows(
    db,
    query<Found | { [Key in keyof Found]: Key extends "leadId" ? null : Found[Key] }>(sql`
      WITH scanned AS MATERIALIZED (${scanLeads(filter, { order: "asc", after }, SCAN_LIMIT)}),
      listed AS MATERIALIZED (
        SELECT s.day, s.lead_id, d.generation, d.owner_id, d.rule, d.outcome, l.erased_at
        FROM scanned s
        CROSS JOIN leads l ON l.id = s.lead_id
        CROSS JOIN decisions d ON d.lead_id = l.id
          AND d.generation = (SELECT max(n.generation) FROM decisions n WHERE n.lead_id = l.id)
        WHERE ${isListed(filter)}
        ORDER BY s.day, s.lead_id LIMIT ${limit + 1}
      ),
      scan AS MATERIALIZED (
        SELECT count(*) OVER () AS scanned, day AS lastDay, lead_id AS lastId FROM scanned
        ORDER BY day DESC, lead_id DESC LIMIT 1
      )
      SELECT x.scanned, x.lastDay, x.lastId, m.day, m.lead_id AS leadId, m.generation, m.owner_id AS ownerId, m.rule,
        m.outcome = 'assigned' AND m.rule IS NULL AS byHand, m.erased_at IS NOT NULL AS erased,
        ${isClosed(sql`m.lead_id`, sql`m.generation`)} AS closed,
        ${intentOf(sql`m.lead_id`)} IS NOT NULL AS intent,
        EXISTS (SELECT 1 FROM events e WHERE e.subject_type = 'lead' AND e.subject_id = m.lead_id
          AND e.kind = 'reroute_requested' AND e.detail ->> 'bulk' = ${bulk}) AS taken
      FROM scan x LEFT JOIN listed m ON true
      ORDER BY m.day, m.lead_id`),
  );
  const [first] = found;
  if (first === undefined) return { rows: [], next: null };
  const candidates = found.filter((row): row is Found => row.leadId !== null);
  const last = { day: first.lastDay, leadId: first.lastId };
  const scan = { count: first.scanned, last };
  return cutPage(candidates, limit, ({ day, leadId }) => ({ day, leadId }), scan, SCAN_LIMIT);
}
