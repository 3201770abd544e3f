import type { SQL } from "drizzle-orm";
import { query, sql, transaction, type Query } from "../lib/query.ts";
import { appendCommit, nextCommitNo } from "./commits.ts";
import { NOTIFICATION_KINDS, type AuditEvent } from "./event.ts";

// Events of any kind; those that guard themselves are in lead-acts.ts and erasure.ts.

/** The columns of `events` in the order in which every INSERT gives them. */
export const columnsOfEvents = sql.raw(
  "subject_type, subject_id, id, generation, kind, actor, occurred_at, commit_no, detail",
);

/** Appends events. Goes into one transaction with `appendCommit`. */
export function insertEvents(events: readonly AuditEvent[]): Query {
  return query(sql`
    INSERT INTO events (${columnsOfEvents})
    SELECT value ->> 'subjectType', value ->> 'subjectId', value ->> 'id', value ->> 'generation', value ->> 'kind',
      value ->> 'actor', value ->> 'occurredAt', ${nextCommitNo}, value -> 'detail'
    FROM json_each(${JSON.stringify(events)}) WHERE true
    ON CONFLICT (subject_type, subject_id, id) DO NOTHING`);
}

/**
 * Appends the events that a SELECT yields, as columns subject_type, subject_id, id, kind and detail: so that a
 * change's `before` is read from the row as it stands in the very transaction that changes it. Goes before the
 * change, and with `appendCommit` after it.
 */
export function insertEventsFrom(actor: string, at: number, source: SQL): Query {
  return query(sql`
    INSERT INTO events (${columnsOfEvents})
    SELECT subject_type, subject_id, id, NULL, kind, ${actor}, ${at}, ${nextCommitNo}, detail
    FROM (${source}) WHERE true
    ON CONFLICT (subject_type, subject_id, id) DO NOTHING`);
}

/** Appends events in a transaction of their own. */
export async function recordEvents(
  db: D1Database,
  events: readonly AuditEvent[],
  at: number,
): Promise<void> {
  if (events.length === 0) return;
  await transaction(db, [insertEvents(events), appendCommit(at, [], events)]);
}

/** Whether the notification of the decision `d` has ended, one way or the other: an expression for a query over `decisions d`. */
export const notificationEnded = sql`EXISTS (
  SELECT 1 FROM events e WHERE e.subject_type = 'lead' AND e.subject_id = d.lead_id AND e.generation = d.generation
    AND e.kind IN (SELECT value FROM json_each(${JSON.stringify(NOTIFICATION_KINDS)})))`;
