import { ROUTER } from "./decision.ts";
import type { AuditEvent } from "./event.ts";

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
