import type { Lead } from "../chain/lead.ts";
import type { SpilledLead } from "../deps.ts";
import { query, sql } from "../storage/query.ts";
import type { Query } from "../storage/query.ts";
import { chunkJson } from "../storage/json-chunks.ts";

// The one place with SQL on `leads` and `lead_aliases`.

/** Half of what D1 takes as one parameter (2 MB): room for how D1 encodes it on the way. */
const MAX_PARAMETER_BYTES = 1_000_000;

/** A row of `leads`; `fields` is JSON text. */
export interface LeadRow extends Omit<Lead, "fields"> {
  readonly fields: string;
  /** Milliseconds since the epoch; null = not erased. */
  readonly erasedAt: number | null;
}

/** Stores a lead, unless it is stored already or its idempotency key belongs to another. */
export function insertLead(lead: Lead, idempotencyKey: string | null): Query {
  return query(sql`
    INSERT INTO leads
      (id, received_at, email, phone, name, company, company_domain, country_code, region, source, score, fields, idempotency_key)
    VALUES
      (${lead.id}, ${lead.receivedAt}, ${lead.email}, ${lead.phone}, ${lead.name}, ${lead.company}, ${lead.companyDomain},
       ${lead.countryCode}, ${lead.region}, ${lead.source}, ${lead.score}, ${JSON.stringify(lead.fields)}, ${idempotencyKey})
    ON CONFLICT DO NOTHING
  `);
}

/** The lead that an idempotency key belongs to: one row or none. */
export function leadIdOfKey(idempotencyKey: string): Query<{ id: string }> {
  return query(sql`SELECT id FROM leads WHERE idempotency_key = ${idempotencyKey}`);
}

/**
 * Stores leads that D1 did not take at the door; for one transaction. Two statements per megabyte. A lead that is stored already,
 * by an earlier delivery or by the door's own insert landing late, stays as it is. One whose idempotency key belongs
 * to another lead, stored before or earlier in the same batch, becomes an alias of that one.
 */
export function storeSpilled(spilled: readonly SpilledLead[]): readonly Query[] {
  const items = spilled.map(({ lead, idempotencyKey }) => ({
    ...lead,
    fields: JSON.stringify(lead.fields),
    key: idempotencyKey,
  }));
  return chunkJson(items, MAX_PARAMETER_BYTES).flatMap((chunk) => [
    insertUnlessAlias(chunk),
    aliasOfSameKey(chunk),
  ]);
}

// An id that is an alias stays one.
function insertUnlessAlias(chunk: string): Query {
  return query(sql`
    INSERT INTO leads
      (id, received_at, email, phone, name, company, company_domain, country_code, region, source, score, fields, idempotency_key)
    SELECT
      s.value ->> 'id', s.value ->> 'receivedAt', s.value ->> 'email', s.value ->> 'phone', s.value ->> 'name',
      s.value ->> 'company', s.value ->> 'companyDomain', s.value ->> 'countryCode', s.value ->> 'region',
      s.value ->> 'source', s.value ->> 'score', s.value ->> 'fields', s.value ->> 'key'
    FROM json_each(${chunk}) AS s
    WHERE NOT EXISTS (SELECT 1 FROM lead_aliases AS a WHERE a.id = s.value ->> 'id')
    ORDER BY s.key
    ON CONFLICT DO NOTHING
  `);
}

function aliasOfSameKey(chunk: string): Query {
  return query(sql`
    INSERT INTO lead_aliases (id, lead_id)
    SELECT s.value ->> 'id', l.id
    FROM json_each(${chunk}) AS s
    CROSS JOIN leads AS l ON l.idempotency_key = s.value ->> 'key'
    WHERE NOT EXISTS (SELECT 1 FROM leads AS own WHERE own.id = s.value ->> 'id')
    ON CONFLICT DO NOTHING
  `);
}

/** The lead behind each id that a caller may have been given: another for an alias, else the same, stored or not. */
export function resolveAliases(ids: readonly string[]): Query<{ id: string; leadId: string }> {
  return query(sql`
    SELECT s.value AS id, coalesce(a.lead_id, s.value) AS leadId
    FROM json_each(${JSON.stringify(ids)}) AS s
    LEFT JOIN lead_aliases AS a ON a.id = s.value
  `);
}

/** The columns of a `LeadRow`, from `leads AS l`. */
export const leadColumns = sql.raw(`
  l.id, l.received_at AS receivedAt, l.email, l.phone, l.name, l.company, l.company_domain AS companyDomain,
  l.country_code AS countryCode, l.region, l.source, l.score, l.fields, l.erased_at AS erasedAt`);

/** The leads of these ids that are stored, in the order of the ids. */
export function leadsByIds(ids: readonly string[]): Query<LeadRow> {
  return query(sql`
    SELECT ${leadColumns}
    FROM json_each(${JSON.stringify(ids)}) AS s
    CROSS JOIN leads AS l ON l.id = s.value
    ORDER BY s.key
  `);
}

/** An expression for use in other SQL: the id of the lead behind an id that a caller was given. */
export function leadIdBehind(id: string) {
  return sql`coalesce((SELECT a.lead_id FROM lead_aliases AS a WHERE a.id = ${id}), ${id})`;
}

/** The lead behind an id that a caller was given, itself or an alias: one row, or none when it is not stored. */
export function leadBehind(id: string): Query<LeadRow> {
  return query(sql`SELECT ${leadColumns} FROM leads AS l WHERE l.id = ${leadIdBehind(id)}`);
}

/** The lead that a row holds. Throws a SyntaxError when `fields` is no JSON, which the table's CHECK rules out. */
export function leadFromRow(row: LeadRow): Lead {
  const { erasedAt: _, fields, ...lead } = row;
  return { ...lead, fields: JSON.parse(fields) };
}

/** Empties the person's fields of a lead whose `erased` event stands; for the transaction that recorded it. */
export function emptyLead({
  leadId,
  eventId,
  at,
}: {
  leadId: string;
  eventId: string;
  at: number;
}): Query {
  return query(sql`
    UPDATE leads SET email = NULL, phone = NULL, name = NULL, company = NULL, fields = '{}', erased_at = ${at}
    WHERE id = ${leadId} AND erased_at IS NULL AND EXISTS (
      SELECT 1 FROM events WHERE subject_type = 'lead' AND subject_id = ${leadId} AND id = ${eventId})
  `);
}
