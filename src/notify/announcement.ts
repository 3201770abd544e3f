import type { SQL } from "drizzle-orm";
import type { LogDetail } from "../lib/log.ts";
import { query, sql, transaction, type Query } from "../lib/query.ts";
import type { Deps } from "../ports/deps.ts";
import { columns, except, only, type StoredRow } from "../record/columns.ts";
import { type DecisionKey, keyList } from "../record/decision-key.ts";
import type { DeliveryKind } from "../record/delivery-events.ts";
import {
  appendCommit,
  type AuditEvent,
  insertEvents,
  leadEvent,
  type NotificationKind,
} from "../record/events.ts";
import { decisions, leads } from "../record/schema.ts";

// What Slack and the webhooks share: what is read of a decision, when it is skipped, and how its end is recorded.

const ofDecision = only(
  decisions,
  ...(["leadId", "generation", "outcome", "ownerId", "podId", "reason"] as const),
);
const ofLead = except(leads, "id", "region", "fields", "idempotencyKey");

/** A decision to announce and its lead, as D1 has them when the message is sent. */
export interface Announcement extends StoredRow<typeof ofDecision>, StoredRow<typeof ofLead> {
  readonly ownerName: string | null;
  readonly slackUserId: string | null;
  /** The newest generation decided: above `generation`, this decision is history. */
  readonly newestGeneration: number;
  /** 1 when this notification or delivery has ended already, one way or the other. */
  readonly ended: 0 | 1;
}

/**
 * One row for each of these decisions that exists.
 * @param ended whether the decision `d` needs no announcement any more, an expression
 * @param more further columns, each after a comma, from the lead `l`, its owner `o` and what `joins` adds
 */
export function announcements<Row extends Announcement = Announcement>(
  keys: readonly DecisionKey[],
  ended: SQL,
  more: SQL = sql``,
  joins: SQL = sql``,
): Query<Row> {
  return query(sql`
    SELECT ${columns(ofDecision, "d")}, ${columns(ofLead, "l")}, o.name AS ownerName, o.slack_user_id AS slackUserId,
      (SELECT max(n.generation) FROM decisions n WHERE n.lead_id = d.lead_id) AS newestGeneration, ${ended} AS ended ${more}
    FROM ${decisionsOf(keys)}
    CROSS JOIN leads l ON l.id = d.lead_id
    LEFT JOIN reps o ON o.id = d.owner_id
    ${joins}`);
}

/** These decisions as `d`, for the FROM of a query. */
export function decisionsOf(keys: readonly DecisionKey[]): SQL {
  return sql`json_each(${keyList(keys)}) k
    CROSS JOIN decisions d ON d.lead_id = k.value ->> 0 AND d.generation = k.value ->> 1`;
}

/** Why a decision is not announced; null when it is. */
export function findObjection(decision: Announcement): string | null {
  const { erasedAt, newestGeneration, generation } = decision;
  if (erasedAt !== null) return "the lead was erased";
  // Sent late, it would undo what a newer one has said already.
  if (newestGeneration > generation) return `superseded by generation ${newestGeneration}`;
  return null;
}

/** Says that none of these secrets is set. */
export function notSet(secrets: readonly string[]): string {
  return `${secrets.join(" and ")} ${secrets.length === 1 ? "is" : "are"} not set`;
}

/** How a notification or a delivery ended. */
export interface Ending {
  readonly kind: NotificationKind | DeliveryKind;
  readonly lead: DecisionKey;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Records endings in the audit, in one transaction with what else follows from them. */
export async function recordEndings(
  deps: Pick<Deps, "db" | "now" | "newId">,
  endings: readonly Ending[],
  queries: readonly Query[],
): Promise<void> {
  const occurredAt = deps.now();
  const events = endings.map(({ kind, lead, detail }) =>
    leadEvent(deps.newId(), lead, { kind, occurredAt, detail }),
  );
  await recordWith(deps, events, queries);
}

/** Appends events to the audit, in one transaction with other statements. Does nothing when there is nothing to write. */
export async function recordWith(
  { db, now }: Pick<Deps, "db" | "now">,
  events: readonly AuditEvent[],
  queries: readonly Query[],
): Promise<void> {
  const audit = events.length > 0 ? [insertEvents(events), appendCommit(now(), [], events)] : [];
  if (audit.length + queries.length > 0) await transaction(db, [...audit, ...queries]);
}

/** Logs what became of an announcement, once it is recorded. */
export function logAnnounced(
  { log, now }: Pick<Deps, "log" | "now">,
  level: "info" | "warn",
  event: string,
  { leadId, generation, receivedAt }: Announcement,
  detail: LogDetail,
): void {
  log(level, event, { leadId, generation, ...detail, sinceReceivedMs: now() - receivedAt });
}
