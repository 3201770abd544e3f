import { appendCommit, insertEvents, leadEvent } from "../record/events.ts";
import type { Deps } from "../ports/deps.ts";
import { failureMessage } from "../lib/failure.ts";
import { stuckMessage, tellOnce } from "../notify/index.ts";
import { transaction, type Query } from "../lib/query.ts";
import type { PendingRow } from "../record/pending.ts";
import { clearStuckMarks, markStuck, type MarkedRow } from "./stuck-marks.ts";

/** Tries after which ops are told of a row, once: with the doubling pace that is after about an hour. */
export const STUCK_AFTER_TRIES = 6;

/** Statements that record leads that keep needing another go, and mark that ops have still to hear of them. */
export function recordStuck(
  deps: Deps,
  stuck: readonly PendingRow[],
  now: number,
): readonly Query[] {
  if (stuck.length === 0) return [];
  const events = stuck.map(({ kind, tries, ...key }) =>
    leadEvent(deps.newId(), key, {
      kind: "stuck",
      occurredAt: now,
      detail: { waitsFor: kind, tries: tries + 1 },
    }),
  );
  return [insertEvents(events), appendCommit(now, [], events), markStuck(stuck)];
}

/**
 * Tells ops of marked leads that are still on the list, in one message, until they heard; where nobody can hear, `GET /api/stuck`
 * and the audit have them. Never rejects: nothing stops for it.
 */
export async function tellOfStuck(deps: Deps, marked: readonly MarkedRow[]): Promise<void> {
  if (marked.length === 0) return;
  try {
    const stuck = marked.filter(({ waits }) => waits === 1);
    const clear = async () => void (await transaction(deps.db, [clearStuckMarks(marked)]));
    if (stuck.length === 0) return await clear();
    const untold = { event: "stuck_not_told", detail: { leads: stuck.length } };
    await tellOnce(deps, { message: stuckMessage(stuck), untold }, clear);
  } catch (error) {
    deps.log("warn", "stuck_not_told", { leads: marked.length, error: failureMessage(error) });
  }
}
