import { appendCommit, insertWaiting, leadEvent } from "../record/events.ts";
import { standingDecisions } from "../record/decisions.ts";
import { type DecisionKey } from "../record/decision-key.ts";
import type { Deps } from "../ports/deps.ts";
import { writeThenRead } from "../lib/query.ts";
import { putOffRouting } from "../record/pending.ts";
import type { Journey } from "./journey.ts";

/** A journey that stands in a pod's line. */
export interface InLine {
  readonly journey: Journey;
  readonly podId: string;
  /** Why nobody takes the lead now, in words. */
  readonly reason: string;
  /** When the pod gives up: milliseconds since the epoch. */
  readonly until: number;
}

/** How long after a wait is over the sweep steps in, in milliseconds: the pod's own call comes first. */
const CALL_GRACE_MS = 60_000;

/**
 * Notes leads that wait in line, so that their messages can be acknowledged: the pod calls their pass when there is
 * something for it to do, and should that call get lost, the sweep does. Yields those that another pass has decided
 * meanwhile and that nobody was told of yet: they are not waiting any more, and whoever acknowledges finishes the work.
 */
export async function noteWaiting(deps: Deps, inLine: readonly InLine[]): Promise<DecisionKey[]> {
  if (inLine.length === 0) return [];
  const now = deps.now();
  const events = inLine.map(({ journey, podId, reason, until }) =>
    leadEvent(deps.newId(), journey.request, {
      kind: "waiting",
      occurredAt: now,
      detail: { podId, reason, until: new Date(until).toISOString() },
    }),
  );
  const keys = inLine.map(({ journey }) => journey.request);
  const due = inLine.map(({ journey, until }) => ({
    ...journey.request,
    due: until + CALL_GRACE_MS,
  }));
  const [standing] = await writeThenRead(
    deps.db,
    [insertWaiting(events), appendCommit(now, [], events), putOffRouting(due)],
    [standingDecisions(keys)],
  );
  for (const { journey, podId } of inLine)
    deps.log("info", "lead_waits", {
      leadId: journey.request.leadId,
      generation: journey.request.generation,
      pod: podId,
    });
  return standing
    .filter(({ outcome, notified }) => outcome !== null && !notified)
    .map(({ leadId, generation }) => ({ leadId, generation }));
}
