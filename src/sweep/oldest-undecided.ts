import { smallestLeadId } from "../intake/lead-id.ts";
import { query, sql, type Query } from "../storage/query.ts";

/** Rows of the list, and leads behind it, looked at: an answer costs D1 some milliseconds, whatever waits. */
const LOOK_LIMIT = 500;
/** The longest that a row which is tried again is put off, in milliseconds: `postpone` in pending.ts. */
const LONGEST_PACE_MS = 60 * 60_000;
/** What is due for longer was not tried by a sweep, and a lead that is older was decided if all is well, in milliseconds. */
const OVERDUE_MS = 60_000;
/** Tries after which it is no passing delay any more: by then some three minutes have gone. */
const IN_VAIN = 2;

/** A lead that waits for a decision, and since when: its arrival, or the wish to route it again. Milliseconds since the epoch. */
export interface Undecided {
  readonly leadId: string;
  readonly since: number;
}

/**
 * The lead that has waited longest for a decision of those that should have one: not what a pod keeps in line, and not what
 * came in just now. One row, or none. Looks at a bounded number of rows, the most urgent first.
 */
export function oldestUndecided(now: number): Query<Undecided> {
  return query(sql`
    SELECT leadId, since FROM (
      SELECT s.lead_id AS leadId, coalesce((
        SELECT max(e.occurred_at) FROM events e
        WHERE s.generation > 1 AND e.subject_type = 'lead' AND e.subject_id = s.lead_id AND e.generation = s.generation
          AND e.kind = 'reroute_requested'), l.received_at) AS since
      FROM (
        SELECT lead_id, generation, kind, due, tries FROM pending WHERE due <= ${now + LONGEST_PACE_MS}
        ORDER BY due LIMIT ${LOOK_LIMIT}) s
      CROSS JOIN leads l ON l.id = s.lead_id
      WHERE s.kind = 'route' AND (s.tries >= ${IN_VAIN} OR s.due <= ${now - OVERDUE_MS})
      UNION ALL
      SELECT v.id, v.received_at FROM (
        SELECT id, received_at FROM leads
        WHERE id > (SELECT value FROM marks WHERE name = 'sweep') AND id < ${smallestLeadId(now - OVERDUE_MS)}
        ORDER BY id LIMIT ${LOOK_LIMIT}) v
      WHERE NOT EXISTS (SELECT 1 FROM decisions d WHERE d.lead_id = v.id)
    ) ORDER BY since LIMIT 1`);
}
