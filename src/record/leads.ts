import { columns, except, type StoredRow } from "./columns.ts";
import { leads } from "./schema.ts";
import type { SQL } from "drizzle-orm";
import type { Lead } from "../rules/lead.ts";
import type { SpilledLead } from "./messages.ts";
import { repeatedLeadId, repeatWindow, saysTheSame, splitRepeats } from "./repeats.ts";
import { query, sql } from "../lib/query.ts";
import type { Query } from "../lib/query.ts";
import { chunkJson } from "../lib/chunks.ts";

// The one place with SQL on `leads` and `lead_aliases`.

/** Half of what D1 takes as one parameter (2 MB): room for how D1 encodes it on the way. */
const MAX_PARAMETER_BYTES = 1_000_000;

const readable = except(leads, "idempotencyKey");

/** A row of `leads` as readers see it; `fields` is JSON text, `erasedAt` null = not erased. */
export type LeadRow = StoredRow<typeof readable>;

/** The columns of a `LeadRow`, from `leads AS l`. */
export const leadColumns = columns(readable, "l");

const COLUMNS_BUT_KEY = sql.raw(
  "id, received_at, email, phone, name, company, company_domain, country_code, region, source, score, fields",
);
/** The columns of a lead as it comes in. */
const COLUMNS = sql`${COLUMNS_BUT_KEY}, idempotency_key`;

/** Stores a lead, unless it is stored already or its idempotency key belongs to another. */
export function insertLead(lead: Lead, idempotencyKey: string | null): Query {
  return query(sql`
    INSERT INTO leads (${COLUMNS}) SELECT ${COLUMNS} FROM ${leadAsRow(lead, idempotencyKey)} AS s WHERE true
    ON CONFLICT DO NOTHING
  `);
}

/** Stores a lead, unless the same submission is stored already (repeats.ts) or the lead became its alias. */
export function insertUnlessRepeated(lead: Lead): Query {
  return query(sql`
    INSERT INTO leads (${COLUMNS}) SELECT ${COLUMNS} FROM ${leadAsRow(lead, null)} AS s
    WHERE NOT EXISTS (SELECT 1 FROM lead_aliases AS a WHERE a.id = s.id) AND ${repeatedLeadId} IS NULL
    ON CONFLICT DO NOTHING
  `);
}

/** The lead that a submission became: a lead of its own, or the one that it repeats. One row; its id is null when neither is stored. */
export function standingLeadId(lead: Lead): Query<{ id: string | null }> {
  return query(sql`
    SELECT coalesce((SELECT l.id FROM leads AS l WHERE l.id = s.id), ${repeatedLeadId}) AS id
    FROM ${leadAsRow(lead, null)} AS s
  `);
}

/** A lead as a row, with the window of its repeats. */
function leadAsRow(lead: Lead, idempotencyKey: string | null) {
  const { since, until } = repeatWindow(lead.receivedAt);
  return sql`(SELECT
    ${lead.id} AS id, ${lead.receivedAt} AS received_at, ${lead.email} AS email, ${lead.phone} AS phone, ${lead.name} AS name,
    ${lead.company} AS company, ${lead.companyDomain} AS company_domain, ${lead.countryCode} AS country_code,
    ${lead.region} AS region, ${lead.source} AS source, ${lead.score} AS score, ${JSON.stringify(lead.fields)} AS fields,
    ${idempotencyKey} AS idempotency_key, ${since} AS since, ${until} AS until)`;
}

/** The lead that an idempotency key belongs to: one row or none. */
export function leadIdOfKey(idempotencyKey: string | SQL): Query<{ id: string }> {
  return query(sql`SELECT id FROM leads WHERE idempotency_key = ${idempotencyKey}`);
}

/** The lead that an idempotency key belongs to, and whether it may be this one (1 or 0). */
export interface StandingOfKey {
  readonly id: string;
  readonly same: number;
}

/**
 * The lead that an idempotency key belongs to: one row or none. It is another lead if its content differs; of an erased
 * lead this cannot be known any more.
 */
export function standingOfKey(lead: Lead, idempotencyKey: string): Query<StandingOfKey> {
  return query<StandingOfKey>(sql`
    SELECT l.id, l.erased_at IS NOT NULL OR (${sql.raw(saysTheSame("l", "s"))}) AS same
    FROM ${leadAsRow(lead, idempotencyKey)} AS s CROSS JOIN leads AS l ON l.idempotency_key = s.idempotency_key`);
}

/**
 * Stores a lead that was kept back, where `allowed` holds: unless its idempotency key belongs to one that says the same (or was
 * erased), or it has none and repeats one. Where its key belongs to a lead that says something else, it goes without.
 */
export function insertReleased(lead: Lead, idempotencyKey: string | null, allowed: SQL): Query {
  return query(sql`
    INSERT INTO leads (${COLUMNS}) SELECT ${COLUMNS_BUT_KEY}, CASE WHEN EXISTS (
        SELECT 1 FROM leads AS k WHERE k.idempotency_key = s.idempotency_key AND k.erased_at IS NULL
          AND NOT (${sql.raw(saysTheSame("k", "s"))})) THEN NULL ELSE s.idempotency_key END
    FROM ${leadAsRow(lead, idempotencyKey)} AS s
    WHERE ${allowed} AND (s.idempotency_key IS NOT NULL OR ${repeatedLeadId} IS NULL)
    ON CONFLICT DO NOTHING
  `);
}

/** What {@link insertReleased} has just not stored becomes an alias of the lead that it repeats. */
export function aliasOfReleased(lead: Lead, idempotencyKey: string | null, allowed: SQL): Query {
  return query(sql`
    INSERT INTO lead_aliases (id, lead_id)
    SELECT id, standing FROM (
      SELECT s.id, coalesce((${leadIdOfKey(sql`s.idempotency_key`)}), ${repeatedLeadId}) AS standing
      FROM ${leadAsRow(lead, idempotencyKey)} AS s
      WHERE ${allowed} AND NOT EXISTS (SELECT 1 FROM leads AS own WHERE own.id = s.id))
    WHERE standing IS NOT NULL
    ON CONFLICT DO NOTHING
  `);
}

/**
 * Stores leads that D1 did not accept at intake; for one transaction. A few statements per megabyte. A lead that is stored
 * already, by an earlier delivery or by intake's own insert landing late, stays as it is. One whose idempotency key belongs
 * to another lead, or that repeats one, stored before or earlier in the same batch, becomes an alias of that one.
 */
export function storeSpilled(spilled: readonly SpilledLead[]): readonly Query[] {
  return splitRepeats(spilled).flatMap((wave) => {
    const items = wave.map(({ lead, idempotencyKey, mergeRepeats = false }) => ({
      ...lead,
      ...repeatWindow(lead.receivedAt),
      fields: JSON.stringify(lead.fields),
      key: idempotencyKey,
      merge: mergeRepeats,
    }));
    const merging = wave.some(({ mergeRepeats }) => mergeRepeats);
    return chunkJson(items, MAX_PARAMETER_BYTES).flatMap((chunk) => [
      ...(merging ? [aliasOfRepeated(chunk)] : []),
      insertUnlessAlias(chunk),
      aliasOfSameKey(chunk),
    ]);
  });
}

/** The items of {@link storeSpilled} as rows. */
function spilledAsRows(chunk: string) {
  return sql`(SELECT key AS place, value ->> 'merge' AS merge,
    value ->> 'id' AS id, value ->> 'receivedAt' AS received_at, value ->> 'email' AS email, value ->> 'phone' AS phone,
    value ->> 'name' AS name, value ->> 'company' AS company, value ->> 'companyDomain' AS company_domain,
    value ->> 'countryCode' AS country_code, value ->> 'region' AS region, value ->> 'source' AS source,
    value ->> 'score' AS score, value ->> 'fields' AS fields, value ->> 'key' AS idempotency_key,
    value ->> 'since' AS since, value ->> 'until' AS until FROM json_each(${chunk}))`;
}

function aliasOfRepeated(chunk: string): Query {
  return query(sql`
    INSERT INTO lead_aliases (id, lead_id)
    SELECT id, repeated FROM (
      SELECT s.id, ${repeatedLeadId} AS repeated FROM ${spilledAsRows(chunk)} AS s
      WHERE s.merge AND NOT EXISTS (SELECT 1 FROM leads AS own WHERE own.id = s.id))
    WHERE repeated IS NOT NULL
    ON CONFLICT DO NOTHING
  `);
}

// An id that is an alias stays one.
function insertUnlessAlias(chunk: string): Query {
  return query(sql`
    INSERT INTO leads (${COLUMNS}) SELECT ${COLUMNS} FROM ${spilledAsRows(chunk)} AS s
    WHERE NOT EXISTS (SELECT 1 FROM lead_aliases AS a WHERE a.id = s.id)
    ORDER BY s.place
    ON CONFLICT DO NOTHING
  `);
}

function aliasOfSameKey(chunk: string): Query {
  return query(sql`
    INSERT INTO lead_aliases (id, lead_id)
    SELECT s.id, l.id
    FROM ${spilledAsRows(chunk)} AS s
    CROSS JOIN leads AS l ON l.idempotency_key = s.idempotency_key
    WHERE NOT EXISTS (SELECT 1 FROM leads AS own WHERE own.id = s.id)
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

/** Empties the person's fields of a lead that has an `erased` event; for the transaction that recorded it. */
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
