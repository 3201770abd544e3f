import { query, sql, type Query } from "../../lib/query.ts";

// Where a person is known by their email, as it is stored: in lower case. Each look reads a bounded number of rows.

/** Up to `limit` leads of an email after an id, in order of arrival. Those erased have no email any more. */
export function leadsOfPerson(email: string, after: string, limit: number): Query<{ id: string }> {
  return query(sql`
    SELECT id FROM leads WHERE email = ${email} AND id > ${after} ORDER BY id LIMIT ${limit}`);
}

/** Of up to `limit` aliases after an id, which are another id of a lead of this email (1 or 0). */
export function aliasesOfPerson(
  email: string,
  after: string,
  limit: number,
): Query<{ id: string; leadId: string; isTheirs: 0 | 1 }> {
  return query(sql`
    SELECT a.id, a.lead_id AS leadId, coalesce(l.email = ${email}, 0) AS isTheirs
    FROM (SELECT id, lead_id FROM lead_aliases WHERE id > ${after} ORDER BY id LIMIT ${limit}) a
    LEFT JOIN leads l ON l.id = a.lead_id ORDER BY a.id`);
}

/** Of up to `limit` quarantined submissions after an id, which wait and are of this email (1 or 0). */
export function suspectsOfPerson(
  email: string,
  after: string,
  limit: number,
): Query<{ id: string; isTheirs: 0 | 1 }> {
  return query(sql`
    SELECT id, outcome IS NULL AND coalesce(draft ->> 'email' = ${email}, 0) AS isTheirs
    FROM quarantine WHERE id > ${after} ORDER BY id LIMIT ${limit}`);
}

/** The ids of reps who have this email. Reads every rep. */
export function repsOfPerson(email: string): Query<{ id: string }> {
  return query(sql`SELECT id FROM reps WHERE lower(email) = ${email} ORDER BY id`);
}

/** Up to `limit` kept deliveries after an id, of `maxBytes` together, but always one. */
export function keptDeliveries(
  after: string,
  limit: number,
  maxBytes: number,
): Query<{ id: string; body: string }> {
  return query(sql`
    WITH ahead AS MATERIALIZED (
      SELECT id, sum(bytes) OVER (ORDER BY id) AS total, row_number() OVER (ORDER BY id) AS place
      FROM (SELECT id, bytes FROM webhook_deliveries WHERE id > ${after} ORDER BY id LIMIT ${limit})
    )
    SELECT d.id, d.body FROM ahead a CROSS JOIN webhook_deliveries d ON d.id = a.id
    WHERE a.total <= ${maxBytes} OR a.place = 1 ORDER BY d.id`);
}
