import { appendCommit } from "../audit/commits.ts";
import { ROUTER } from "../audit/decision.ts";
import { insertWaiting } from "../audit/waiting.ts";
import type { Deps } from "../deps.ts";
import { transaction } from "../storage/query.ts";
import { putOffRouting } from "../sweep/pending.ts";
import type { Journey } from "./journey.ts";

/** A journey that stands in a pod's line. */
export interface Waiting {
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
 * something for it to do, and should that call get lost, the sweep does.
 */
export async function noteWaiting(deps: Deps, waiting: readonly Waiting[]): Promise<void> {
  if (waiting.length === 0) return;
  const now = deps.now();
  const events = waiting.map(({ journey, podId, reason, until }) => ({
    id: deps.newId(),
    subjectType: "lead" as const,
    subjectId: journey.request.leadId,
    generation: journey.request.generation,
    kind: "waiting",
    actor: ROUTER,
    occurredAt: now,
    detail: { podId, reason, until: new Date(until).toISOString() },
  }));
  const due = waiting.map(({ journey, until }) => ({
    ...journey.request,
    due: until + CALL_GRACE_MS,
  }));
  await transaction(deps.db, [
    insertWaiting(events),
    appendCommit(now, [], events),
    putOffRouting(due),
  ]);
}
