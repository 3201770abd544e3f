import type { SQL } from "drizzle-orm";
import { ROUTER } from "./events.ts";
import { type DecisionKey } from "./decision-key.ts";
import { sql } from "../lib/query.ts";
import { type AuditEvent, leadEvent } from "./events.ts";

// Events about outgoing webhooks. They name the destination by its key, never by its URL.

/** The events that end a delivery, one way or the other. */
const DELIVERY_KINDS = ["delivered", "delivery_skipped", "delivery_failed"] as const;
export type DeliveryKind = (typeof DELIVERY_KINDS)[number];

interface DeliveryDetail extends Readonly<Record<string, unknown>> {
  readonly destination: string;
}

/** Somebody wants a delivery sent once more, whatever became of it. */
export function deliveryRequestedEvent(
  id: string,
  key: DecisionKey,
  actor: string,
  occurredAt: number,
  detail: DeliveryDetail,
): AuditEvent {
  return {
    ...leadEvent(id, key, { kind: "delivery_requested", occurredAt, detail }),
    actor,
  };
}

/** A destination is in trouble, and ops were told, or could not be. */
export function destinationTroubleEvent(
  id: string,
  destination: string,
  occurredAt: number,
  detail: AuditEvent["detail"],
): AuditEvent {
  return {
    id,
    subjectType: "destination",
    subjectId: destination,
    generation: null,
    kind: "destination_trouble",
    actor: ROUTER,
    occurredAt,
    detail,
  };
}

/** Whether the delivery of the decision `d` to a destination has ended: an expression for a query over `decisions d`. */
export function deliveryEnded(destination: SQL): SQL {
  return sql`EXISTS (
    SELECT 1 FROM events e WHERE e.subject_type = 'lead' AND e.subject_id = d.lead_id AND e.generation = d.generation
      AND e.kind IN (SELECT value FROM json_each(${JSON.stringify(DELIVERY_KINDS)}))
      AND e.detail ->> 'destination' = ${destination})`;
}
