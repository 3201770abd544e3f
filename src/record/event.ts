import type { DecisionKey } from "./decision-key.ts";
import { ROUTER } from "./decision.ts";

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
export const NOTIFICATION_KINDS = [
  "notified",
  "notification_skipped",
  "notification_failed",
] as const;
export type NotificationKind = (typeof NOTIFICATION_KINDS)[number];
