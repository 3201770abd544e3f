import { query, sql, type Query } from "../storage/query.ts";
import { NOTIFICATION_KINDS } from "../audit/event.ts";

/** Leads looked at per sweep: one transaction of bounded size. At one sweep a minute that is 8 leads a second. */
export const LOOK_LIMIT = 500;

/** The leads behind the mark that are old enough: what this sweep looks at. Both bounds are UUIDv7. */
function leadsInView(before: string) {
  return sql`
    SELECT id FROM leads WHERE id > (SELECT value FROM marks WHERE name = 'sweep') AND id < ${before}
    ORDER BY id LIMIT ${LOOK_LIMIT}`;
}

/**
 * Looks at the next leads and moves the mark past them, as statements of one transaction: a lead that lands
 * behind the mark later is caught by a trigger, so none is ever passed by.
 * @param before the smallest UUIDv7 too young to be looked at
 */
export function lookAndMark(before: string, due: number): readonly Query[] {
  return [
    query(sql`
      INSERT INTO pending (lead_id, generation, kind, due)
      SELECT v.id, 1, 'route', ${due} FROM (${leadsInView(before)}) v
      WHERE NOT EXISTS (SELECT 1 FROM decisions d WHERE d.lead_id = v.id)
      ON CONFLICT (lead_id, generation, kind) DO NOTHING`),
    query(sql`
      INSERT INTO pending (lead_id, generation, kind, due)
      SELECT d.lead_id, d.generation, 'notify', ${due} FROM (${leadsInView(before)}) v
      CROSS JOIN decisions d ON d.lead_id = v.id
      WHERE NOT EXISTS (
        SELECT 1 FROM events e WHERE e.subject_type = 'lead' AND e.subject_id = d.lead_id
          AND e.generation = d.generation AND e.kind IN (SELECT value FROM json_each(${JSON.stringify(NOTIFICATION_KINDS)})))
      ON CONFLICT (lead_id, generation, kind) DO NOTHING`),
    query(sql`
      UPDATE marks SET value = (SELECT max(id) FROM (${leadsInView(before)}))
      WHERE name = 'sweep' AND EXISTS (${leadsInView(before)})`),
  ];
}
