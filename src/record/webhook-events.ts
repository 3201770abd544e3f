import { query, sql, type Query } from "../lib/query.ts";
import { ROUTER } from "./decision.ts";
import type { AuditEvent } from "./event.ts";

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
