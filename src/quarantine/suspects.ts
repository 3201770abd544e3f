import type { SQL } from "drizzle-orm";
import type { SpilledLead, Suspicion } from "../deps.ts";
import { leadIdOfKey } from "../intake/leads.ts";
import type { LeadDraft } from "../intake/normalise.ts";
import { chunkJson } from "../storage/json-chunks.ts";
import { query, sql, type Query } from "../storage/query.ts";
import type { quarantine } from "../storage/schema.ts";
import type { StoredRow } from "../storage/stored-row.ts";

// The one place that writes `quarantine`: what waits until somebody says what it is.

/** How long a row is kept, in milliseconds: 30 days, time enough for whoever misses an enquiry to ask for it. */
export const KEPT_MS = 30 * 24 * 60 * 60_000;

/** Half of what D1 takes as one parameter (2 MB): room for how D1 encodes it on the way. */
const MAX_PARAMETER_BYTES = 1_000_000;

/** A submission on its way into the quarantine. */
export interface Suspected extends SpilledLead {
  readonly suspicion: Suspicion;
}

/** A row of `quarantine`; `draft` is JSON text. */
export type SuspectRow = StoredRow<typeof quarantine>;

/** The columns of a `SuspectRow`, from `quarantine AS q`. */
export const suspectColumns = sql.raw(`
  q.id, q.received_at AS receivedAt, q.door, q.reason, q.idempotency_key AS idempotencyKey, q.outcome,
  q.outcome_at AS outcomeAt, q.outcome_by AS outcomeBy, q.event_id AS eventId, q.draft`);

/**
 * Puts submissions into the quarantine; for one transaction, safe to repeat. One that is or was there stays as it is; one whose
 * idempotency key belongs to a lead, or to another of the quarantine, is that one.
 */
export function insertSuspects(suspected: readonly Suspected[]): readonly Query[] {
  const items = suspected.map(({ lead, idempotencyKey, suspicion }) => {
    const { id, receivedAt, ...draft } = lead;
    return { id, receivedAt, ...suspicion, key: idempotencyKey, draft: JSON.stringify(draft) };
  });
  return chunkJson(items, MAX_PARAMETER_BYTES).map((chunk) =>
    query(sql`
      INSERT INTO quarantine (id, received_at, door, reason, idempotency_key, draft)
      SELECT s.value ->> 'id', s.value ->> 'receivedAt', s.value ->> 'door', s.value ->> 'reason', s.value ->> 'key',
        s.value ->> 'draft'
      FROM json_each(${chunk}) AS s
      WHERE NOT EXISTS (${leadIdOfKey(sql`s.value ->> 'key'`)})
      ORDER BY s.key
      ON CONFLICT DO NOTHING`),
  );
}

/** The lead, or what is quarantined, that an idempotency key belongs to. One row; its id is null when there is neither. */
export function standingIdOfKey(idempotencyKey: string): Query<{ id: string | null }> {
  return query(sql`SELECT coalesce((${leadIdOfKey(idempotencyKey)}),
    (SELECT q.id FROM quarantine AS q WHERE q.idempotency_key = ${idempotencyKey})) AS id`);
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
export function whileWaiting(id: string, columns: SQL): SQL {
  return sql`SELECT ${columns} FROM quarantine AS q WHERE q.id = ${id} AND q.outcome IS NULL`;
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
