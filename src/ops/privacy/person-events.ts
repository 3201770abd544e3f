import { type AuditEvent, recordEvents } from "../../record/events.ts";
import type { Deps } from "../../ports/deps.ts";

/** What was done about a person whom the audit does not name: neither by email nor by a digest of it, which guessing would undo. */
export interface PersonAct {
  /** The same for every call of one erasure or export. */
  readonly requestId: string;
  readonly kind: "person_erased" | "person_exported";
  readonly actor: string;
  readonly reason: string;
  /** How much of what this call found. */
  readonly counts: Readonly<Record<string, number>>;
  /** Whether it was the last call, and none of them left anything out. */
  readonly isComplete: boolean;
}

/** Audits one call of an erasure or export. Rejects when that is not known to be written. */
export async function recordPersonAct(
  deps: Pick<Deps, "db" | "now" | "newId">,
  { requestId, kind, actor, reason, counts, isComplete }: PersonAct,
): Promise<void> {
  const at = deps.now();
  const event: AuditEvent = {
    id: deps.newId(),
    subjectType: "person",
    subjectId: requestId,
    generation: null,
    kind,
    actor,
    occurredAt: at,
    detail: { reason, ...counts, complete: isComplete },
  };
  await recordEvents(deps.db, [event], at);
}
