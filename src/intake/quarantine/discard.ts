import { appendCommit, type AuditEvent, insertEventsFrom } from "../../record/events.ts";
import type { Deps } from "../../ports/deps.ts";
import { sql, writeThenRead } from "../../lib/query.ts";
import { type Ending, endStay, suspectById, whileWaiting } from "../../record/quarantine.ts";

export type Discarded =
  /** Also when somebody else had done it before. */
  | { readonly outcome: "discarded" }
  | { readonly outcome: "not_found" }
  /** It is a lead. */
  | { readonly outcome: "released" };

/** Throws away what is quarantined: nothing of the person is left. Rejects when the outcome is unknown; safe to repeat. */
export async function discard(deps: Deps, actor: string, id: string): Promise<Discarded> {
  const at = deps.now();
  const ending: Ending = { outcome: "discarded", actor, eventId: deps.newId(), at };
  const key: Pick<AuditEvent, "subjectType" | "subjectId" | "id"> = {
    subjectType: "quarantine",
    subjectId: id,
    id: ending.eventId,
  };
  const event = sql`${key.subjectType} AS subject_type, q.id AS subject_id, ${key.id} AS id, 'discarded' AS kind,
    json_object('door', q.door, 'quarantinedFor', q.reason) AS detail`;
  const [[left]] = await writeThenRead(
    deps.db,
    [
      insertEventsFrom(actor, at, whileWaiting(id, event)),
      appendCommit(at, [], [key]),
      endStay(id, ending),
    ],
    [suspectById(id, at)],
  );
  return { outcome: left?.outcome ?? "not_found" };
}
