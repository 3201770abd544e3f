import type { SQL } from "drizzle-orm";
import type { SpilledLead, Suspicion } from "./messages.ts";
import { smallestLeadId } from "../lib/ids.ts";
import { leadIdOfKey, type StandingOfKey } from "./leads.ts";
import type { LeadDraft } from "../rules/lead.ts";
import { repeatWindow } from "./repeats.ts";
import { chunkJson } from "../lib/chunks.ts";
import { query, type Query, sql } from "../lib/query.ts";
import { quarantine } from "./schema.ts";
import { columns, type StoredRow } from "./columns.ts";
import { CLIPPED_FIELD, FORM_FIELD, SOURCE_FIELD } from "../rules/own-fields.ts";
import { clipText } from "../lib/json.ts";

// The one place that writes `quarantine`: what waits until somebody says what it is.

/** How long a row is kept, in milliseconds: 30 days, enough time for somebody who misses an enquiry to ask for it. */
export const KEPT_MS = 30 * 24 * 60 * 60_000;

/** Half of what D1 takes as one parameter (2 MB): room for how D1 encodes it on the way. */
const MAX_PARAMETER_BYTES = 1_000_000;

const HOUR_MS = 60 * 60_000;
/**
 * Bytes kept in full from one source in an hour: a hundred long enquiries, while one address within the rate limit could
 * send 120 MB. Of what comes beyond, the beginning is kept, so that nobody vanishes.
 */
const FULL_BYTES_PER_HOUR = 1_000_000;
/** Rows, of all sources, that the look at that hour reads at most, so that nobody can make it expensive. */
const LOOKED_AT_OF_HOUR = 1_000;
/** The newest rows, of all sources and of one source, among which a repeat is looked for. */
const LOOKED_AT_OF_ALL = 200;
const LOOKED_AT_OF_DOOR = 20;

/** A submission on its way into the quarantine. */
export interface Suspected extends SpilledLead {
  readonly suspicion: Suspicion;
}

/** A row of `quarantine`; `draft` is JSON text. */
export type SuspectRow = StoredRow<typeof quarantine>;

/** The columns of a `SuspectRow`, from `quarantine AS q`. */
export const suspectColumns = columns(quarantine, "q");

/**
 * Puts submissions into the quarantine; for one transaction, safe to repeat. One that is or was there stays as it is; one whose
 * idempotency key belongs to a lead, or to another of the quarantine, is that one. With `mergeRepeats`, so is one without a key
 * that says the same as another of the last ten minutes.
 */
export function insertSuspects(suspected: readonly Suspected[]): readonly Query[] {
  return chunkJson(suspected.map(toItem), MAX_PARAMETER_BYTES).map((chunk) =>
    query(sql`
      INSERT INTO quarantine (id, received_at, door, reason, idempotency_key, draft)
      SELECT s.value ->> 'id', s.value ->> 'receivedAt', s.value ->> 'door', s.value ->> 'reason', s.value ->> 'key',
        CASE WHEN ${fitsTheHour} THEN s.value ->> 'draft' ELSE s.value ->> 'clipped' END
      FROM json_each(${chunk}) AS s
      WHERE NOT EXISTS (${leadIdOfKey(sql`s.value ->> 'key'`)})
        AND (NOT s.value ->> 'merge' OR ${repeatedSuspectId} IS NULL)
      ORDER BY s.key
      ON CONFLICT DO NOTHING`),
  );
}

function toItem({ lead, idempotencyKey, mergeRepeats, suspicion }: Suspected) {
  const { id, receivedAt, ...draft } = lead;
  return {
    id,
    receivedAt,
    ...repeatWindow(receivedAt),
    hourAgo: smallestLeadId(receivedAt - HOUR_MS),
    ...suspicion,
    key: idempotencyKey,
    merge: mergeRepeats === true && idempotencyKey === null,
    draft: JSON.stringify(draft),
    clipped: JSON.stringify(clipDraft(draft)),
  };
}

/** Of an item `s`: whether its source has room for the whole draft. */
const fitsTheHour = sql.raw(`(
  SELECT total(h.bytes) + octet_length(s.value ->> 'draft') <= ${FULL_BYTES_PER_HOUR} FROM (
    SELECT door, octet_length(draft) AS bytes FROM quarantine
    WHERE id >= s.value ->> 'hourAgo' ORDER BY id DESC LIMIT ${LOOKED_AT_OF_HOUR}) AS h
  WHERE h.door = s.value ->> 'door')`);

/** Of an item `s`: the id of another that waits, came from the same source, says the same and came at most ten minutes before or after. */
const repeatedSuspectId = sql.raw(`(
  SELECT r.id FROM (
    SELECT id FROM (
      SELECT id, door FROM quarantine WHERE id >= s.value ->> 'since' AND id <= s.value ->> 'until'
      ORDER BY id DESC LIMIT ${LOOKED_AT_OF_ALL})
    WHERE door = s.value ->> 'door' LIMIT ${LOOKED_AT_OF_DOOR}) AS w
  CROSS JOIN quarantine AS r ON r.id = w.id
  WHERE r.id <> s.value ->> 'id' AND r.outcome IS NULL AND r.draft IN (s.value ->> 'draft', s.value ->> 'clipped')
  ORDER BY r.id LIMIT 1)`);

/** What a submission without a key became: an entry of its own, or the one that it repeats. One row; its id is null when there is neither. */
export function standingSuspectId(suspected: Suspected): Query<{ id: string | null }> {
  return query(sql`
    SELECT coalesce((SELECT q.id FROM quarantine AS q WHERE q.id = s.value ->> 'id'), ${repeatedSuspectId}) AS id
    FROM json_each(${JSON.stringify([toItem(suspected)])}) AS s`);
}

/**
 * What is or was quarantined under an idempotency key: one row or none. It is another submission if its content differs; once
 * it became a lead or was discarded, its content can no longer be compared.
 */
export function suspectOfKey(
  { lead }: Pick<Suspected, "lead">,
  idempotencyKey: string,
): Query<StandingOfKey> {
  const { id: _id, receivedAt: _at, ...draft } = lead;
  const drafts = sql`(${JSON.stringify(draft)}, ${JSON.stringify(clipDraft(draft))})`;
  return query<StandingOfKey>(sql`
    SELECT q.id, q.outcome IS NOT NULL OR q.draft IN ${drafts} AS same
    FROM quarantine AS q WHERE q.idempotency_key = ${idempotencyKey}`);
}

/** One row, or none where there never was one or it is older than {@link KEPT_MS} at this instant. */
export function suspectById(id: string, now: number): Query<SuspectRow> {
  return query<SuspectRow>(
    sql`SELECT ${suspectColumns} FROM quarantine AS q WHERE q.id = ${id} AND q.received_at > ${now - KEPT_MS}`,
  );
}

/** What was received. Throws a SyntaxError when `draft` is no JSON, which the table's CHECK rules out. */
export function draftFromRow({ draft }: Pick<SuspectRow, "draft">): LeadDraft {
  return JSON.parse(draft);
}

/** A SELECT of one row while nobody has said what becomes of it, else of none: from `quarantine AS q`. */
export function whileWaiting(id: string, picked: SQL): SQL {
  return sql`SELECT ${picked} FROM quarantine AS q WHERE q.id = ${id} AND q.outcome IS NULL`;
}

/** How a stay ended: by whom, when, and which audit event tells of it. */
export interface Ending {
  readonly outcome: "released" | "discarded";
  readonly actor: string;
  readonly eventId: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** Ends the stay of what waits, and forgets the person. */
export function endStay(id: string, { outcome, actor, eventId, at }: Ending): Query {
  return query(sql`
    UPDATE quarantine SET outcome = ${outcome}, outcome_at = ${at}, outcome_by = ${actor}, event_id = ${eventId}, draft = '{}'
    WHERE id = ${id} AND outcome IS NULL`);
}

/** Drops the oldest rows of those with a smaller id, and yields what was dropped. */
export function dropBefore(id: string, limit: number): Query<{ id: string }> {
  return query(sql`
    DELETE FROM quarantine WHERE id IN (SELECT id FROM quarantine WHERE id < ${id} ORDER BY id LIMIT ${limit}) RETURNING id`);
}

/** Bytes of a clipped draft's fields, as JSON: what tells a person from a program comes first. */
const FIELDS_BYTES = 2_000;

const MARKS: ReadonlySet<string> = new Set([FORM_FIELD, SOURCE_FIELD]);

/**
 * The beginning of a draft, with the whole of who it is: about 2 kB of its fields, marked by the field `_clipped`. A draft that is no
 * larger stays as it is.
 */
function clipDraft(draft: LeadDraft): LeadDraft {
  const phone = clipText(draft.phone);
  if (phone === draft.phone && jsonBytes(draft.fields) <= FIELDS_BYTES) return draft;
  const fields: Record<string, unknown> = Object.create(null);
  let room = FIELDS_BYTES;
  for (const [name, value] of Object.entries(draft.fields)) {
    if (MARKS.has(name)) {
      fields[name] = value;
      continue;
    }
    const kept = clipValue(value, room - jsonBytes(name));
    if (kept === null) continue;
    fields[name] = kept.value;
    room -= jsonBytes(name) + jsonBytes(kept.value);
  }
  fields[CLIPPED_FIELD] = true;
  return { ...draft, phone, fields };
}

/** The value, or the beginning of its text; null where there is no room for any. */
function clipValue(value: unknown, room: number): { readonly value: unknown } | null {
  if (room <= 0) return null;
  if (jsonBytes(value) <= room) return { value };
  let text = (typeof value === "string" ? value : JSON.stringify(value)).slice(
    0,
    Math.max(0, room - 2),
  );
  // Two quotes; and a character can take six bytes.
  while (jsonBytes(text) > room) text = text.slice(0, text.length >> 1);
  return text === "" ? null : { value: text.toWellFormed() };
}

function jsonBytes(value: unknown): number {
  return new TextEncoder().encode(JSON.stringify(value)).byteLength;
}
