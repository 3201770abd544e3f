import { appendCommit } from "../record/events.ts";
import {
  type Act,
  doneAct,
  insertClosed,
  isOtherRequest,
  type Repeatable,
  situationOf,
} from "../record/lead-acts.ts";
import type { Deps } from "../ports/deps.ts";
import { failureMessage } from "../lib/failure.ts";
import { writeThenRead } from "../lib/query.ts";
import { wantReleaseOfClosed } from "../record/pending.ts";
import { releaseClaims } from "../pod/index.ts";
import { findObstacle, type KeyReused, type Obstacle } from "./obstacle.ts";

export type Closed =
  | {
      readonly outcome: "closed";
      readonly leadId: string;
      readonly generation: number;
      /** Milliseconds since the epoch. */
      readonly closedAt: number;
    }
  | { readonly outcome: "not_found" }
  | KeyReused
  | Obstacle;

/**
 * Closes a lead's newest generation and frees the open slot of its claim. Rejects when the outcome is unknown; safe to
 * repeat: a lead closes once, and a slot is freed once per claim. With `repeatable` the repetition of a request that closed
 * the lead answers what the first did, also when the lead was opened again since.
 */
export async function closeLead(
  deps: Deps,
  actor: string,
  leadId: string,
  { reason }: { readonly reason: string },
  repeatable: Repeatable = { eventId: deps.newId() },
): Promise<Closed> {
  const now = deps.now();
  const act: Act = { ...repeatable, leadId, actor, reason, at: now };
  const [[done], [situation]] = await writeThenRead(
    deps.db,
    [
      insertClosed(act),
      appendCommit(now, [], [{ subjectType: "lead", subjectId: leadId, id: act.eventId }]),
      wantReleaseOfClosed(act, now),
    ],
    [doneAct(act), situationOf(leadId)],
  );
  if (situation === undefined) return { outcome: "not_found" };
  if (done !== undefined) {
    if (isOtherRequest(act, done)) return { outcome: "key_reused" };
    const { generation, occurredAt: closedAt } = done;
    await releaseNow(deps, leadId, generation);
    return { outcome: "closed", leadId, generation, closedAt };
  }
  const obstacle = findObstacle(situation, null, ["undecided", "intent", "closed"]);
  if (obstacle === null) throw new Error("a lead was not closed though nothing stood in the way");
  return obstacle;
}

/** Frees the slot at once; should that fail, the sweep finds the `release` row. */
async function releaseNow(deps: Deps, leadId: string, generation: number): Promise<void> {
  try {
    await releaseClaims(deps, [{ leadId, generation }]);
  } catch (error) {
    deps.log("warn", "release_left_to_sweep", { leadId, generation, error: failureMessage(error) });
  }
}
