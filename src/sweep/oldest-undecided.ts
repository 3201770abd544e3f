import { smallestLeadId } from "../lib/ids.ts";
import { query, sql, type Query } from "../lib/query.ts";

/** Rows of each list, and leads behind the sweep, looked at: an answer costs D1 some milliseconds, whatever waits. */
export const LOOK_LIMIT = 500;
/** What is due for longer was not tried by a sweep, and a lead that is older was decided if all is well, in milliseconds. */
const OVERDUE_MS = 60_000;

/** How long leads have waited for a decision. */
export interface OldestUndecided {
  /** Since when the oldest has, in milliseconds since the epoch: its arrival, or the wish to route it again. Null = none was found. */
  readonly since: number | null;
  /** 1 = the sweep is so far behind that there are more leads than were looked at: one of them may wait. */
  readonly isPartial: 0 | 1;
}

/**
 * The lead that has waited longest for a decision of those that should have one: not what a pod keeps in line, and not what
 * came in just now. Looks at a bounded number of rows: with more of them, somebody waits for at least so long. Always one row.
 */
export function oldestUndecided(now: number): Query<OldestUndecided> {
  // Two tries are no passing delay any more: by then some three minutes have gone. `tries >= 2` is written out, as in the index:
  // SQLite takes a partial index only where it can see that the condition holds.
  return query(sql`
    WITH unswept AS MATERIALIZED (
      SELECT id, received_at FROM leads
      WHERE id > (SELECT value FROM marks WHERE name = 'sweep') AND id < ${smallestLeadId(now - OVERDUE_MS)}
      ORDER BY id LIMIT ${LOOK_LIMIT + 1}
    ), waiting AS (
      SELECT * FROM (
        SELECT lead_id, generation FROM pending WHERE kind = 'route' AND tries >= 2 ORDER BY lead_id LIMIT ${LOOK_LIMIT})
      UNION
      SELECT * FROM (
        SELECT lead_id, generation FROM pending WHERE kind = 'route' AND due <= ${now - OVERDUE_MS}
        ORDER BY due LIMIT ${LOOK_LIMIT})
    )
    SELECT min(since) AS since, (SELECT count(*) > ${LOOK_LIMIT} FROM unswept) AS isPartial FROM (
      SELECT coalesce((
        SELECT max(e.occurred_at) FROM events e
        WHERE w.generation > 1 AND e.subject_type = 'lead' AND e.subject_id = w.lead_id AND e.generation = w.generation
          AND e.kind = 'reroute_requested'), l.received_at) AS since
      FROM waiting w CROSS JOIN leads l ON l.id = w.lead_id
      UNION ALL
      SELECT v.received_at FROM unswept v
      WHERE NOT EXISTS (SELECT 1 FROM decisions d WHERE d.lead_id = v.id)
    )`);
}
