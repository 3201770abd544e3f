import type { SQL } from "drizzle-orm";
import { type DecisionKey, keyList } from "./decision-key.ts";
import { query, type Query, sql, transaction } from "../lib/query.ts";

// The only place that writes commits. Every transaction that writes audit rows takes the next number for
// them and then appends one row here that names them: the strict order of the audit.

/** The name decisions and events carry when nobody asked for them. */
export const ROUTER = "router";

/** The number of the commit being written, for the audit rows that precede its row in the transaction. */
export const nextCommitNo = sql.raw("(SELECT coalesce(max(no), 0) + 1 FROM commits)");
/** The number of the commit just appended; in a transaction that wrote no audit row, that of an older one. */
export const lastCommitNo = sql.raw("(SELECT coalesce(max(no), 0) FROM commits)");

/** Appends the commit: it names those of these rows that this transaction wrote, and is left out if there are none. */
export function appendCommit(
  at: number,
  decisions: readonly DecisionKey[],
  events: readonly Pick<AuditEvent, "subjectType" | "subjectId" | "id">[] = [],
): Query {
  const eventKeys = JSON.stringify(
    events.map(({ subjectType, subjectId, id }) => [subjectType, subjectId, id]),
  );
  return query(sql`
    INSERT INTO commits (no, at, keys)
    SELECT ${nextCommitNo}, ${at}, json_group_array(json(written.key)) FROM (
      SELECT json_array('decision', d.lead_id, d.generation) AS key
      FROM json_each(${keyList(decisions)}) k
      CROSS JOIN decisions d ON d.lead_id = k.value ->> 0 AND d.generation = k.value ->> 1
      WHERE d.commit_no = ${nextCommitNo}
      UNION ALL
      SELECT json_array('event', e.subject_type, e.subject_id, e.id)
      FROM json_each(${eventKeys}) k
      CROSS JOIN events e ON e.subject_type = k.value ->> 0 AND e.subject_id = k.value ->> 1 AND e.id = k.value ->> 2
      WHERE e.commit_no = ${nextCommitNo}
    ) written HAVING count(*) > 0`);
}

/**
 * As {@link appendCommit}, of the events whose keys a SELECT yields, as columns subject_type, subject_id and id. D1 takes
 * 2 MB a row: 3,000 keys of the longest domains there can be.
 */
export function appendCommitOf(at: number, events: SQL): Query {
  return query(sql`
    INSERT INTO commits (no, at, keys)
    SELECT ${nextCommitNo}, ${at}, json_group_array(json_array('event', e.subject_type, e.subject_id, e.id))
    FROM (${events}) k
    CROSS JOIN events e ON e.subject_type = k.subject_type AND e.subject_id = k.subject_id AND e.id = k.id
    WHERE e.commit_no = ${nextCommitNo}
    HAVING count(*) > 0`);
}

/** What happened to a lead, or to the configuration, other than a decision. Append-only. */
export interface AuditEvent {
  /**
   * A UUIDv7; a UUIDv8 where an `Idempotency-Key` was sent: made from it, so that the request's repetition has the same event
   * and finds it written.
   */
  readonly id: string;
  readonly subjectType: SubjectType;
  /** The lead's id, "bo", "dach/bo", "bo/summer", "acme.com", the id of an import or of what was quarantined. */
  readonly subjectId: string;
  readonly generation: number | null;
  readonly kind: string;
  /** "router", or the name of the token that did it. */
  readonly actor: string;
  /** Milliseconds since the epoch. */
  readonly occurredAt: number;
  /** Plain data without personal data: ids, numbers, reasons. */
  readonly detail: Readonly<Record<string, unknown>>;
}

type SubjectType =
  | "lead"
  | "rep"
  | "member"
  | "absence"
  | "account"
  | "import"
  | "quarantine"
  | "source"
  | "delivery"
  | "destination"
  | "alert"
  | "person"
  | "epoch";

/** An event of the router's own, about one decision of a lead. */
export function leadEvent(
  id: string,
  { leadId, generation }: DecisionKey,
  { kind, occurredAt, detail }: Pick<AuditEvent, "kind" | "occurredAt" | "detail">,
): AuditEvent {
  return {
    id,
    subjectType: "lead",
    subjectId: leadId,
    generation,
    kind,
    actor: ROUTER,
    occurredAt,
    detail,
  };
}

/** The events that end a decision's notification, one way or the other. */
const NOTIFICATION_KINDS = ["notified", "notification_skipped", "notification_failed"] as const;
export type NotificationKind = (typeof NOTIFICATION_KINDS)[number];

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
 * change's `before` is read from the row in the very transaction that changes it. Goes before the
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

/** Ops were told of an alert, or could not be. */
export function alertEvent(
  id: string,
  alert: string,
  occurredAt: number,
  detail: AuditEvent["detail"],
): AuditEvent {
  return {
    id,
    subjectType: "alert",
    subjectId: alert,
    generation: null,
    kind: "alert",
    actor: ROUTER,
    occurredAt,
    detail,
  };
}

// The two sorts of events about webhooks. Neither quotes what was sent.

/** A delivery that was kept became leads. Its event has the delivery's own id: it is recorded once, and the first who did it. */
export function replayedEvent(
  deliveryId: string,
  actor: string,
  occurredAt: number,
  detail: AuditEvent["detail"],
): AuditEvent {
  return {
    id: deliveryId,
    subjectType: "delivery",
    subjectId: deliveryId,
    generation: null,
    kind: "replayed",
    actor,
    occurredAt,
    detail,
  };
}

/** What the event of a replayed delivery says, as JSON text: one row, or none before it was replayed. */
export function replayedDetail(deliveryId: string): Query<{ detail: string }> {
  return query(sql`
    SELECT detail FROM events WHERE subject_type = 'delivery' AND subject_id = ${deliveryId} AND id = ${deliveryId}`);
}

/** A source of webhooks is in trouble, and ops were told, or could not be. */
export function sourceTroubleEvent(
  id: string,
  source: string,
  occurredAt: number,
  detail: AuditEvent["detail"],
): AuditEvent {
  return {
    id,
    subjectType: "source",
    subjectId: source,
    generation: null,
    kind: "webhook_trouble",
    actor: ROUTER,
    occurredAt,
    detail,
  };
}

/** Records that leads began to wait in a pod's line: once per decision and pod, however often they are asked for. */
export function insertWaiting(events: readonly AuditEvent[]): Query {
  return query(sql`
    INSERT INTO events (${columnsOfEvents})
    SELECT 'lead', w.value ->> 'subjectId', w.value ->> 'id', w.value ->> 'generation', w.value ->> 'kind',
      w.value ->> 'actor', w.value ->> 'occurredAt', ${nextCommitNo}, w.value -> 'detail'
    FROM json_each(${JSON.stringify(events)}) w
    WHERE NOT EXISTS (
      SELECT 1 FROM events e WHERE e.subject_type = 'lead' AND e.subject_id = w.value ->> 'subjectId'
        AND e.generation = w.value ->> 'generation' AND e.kind = w.value ->> 'kind'
        AND e.detail ->> 'podId' = w.value -> 'detail' ->> 'podId')
    ON CONFLICT (subject_type, subject_id, id) DO NOTHING`);
}
