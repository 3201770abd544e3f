import { appendCommit } from "../record/events.ts";
import { disputability, insertDisputed, type DisputeWords } from "../record/disputes.ts";
import {
  type Act,
  doneAct,
  isOtherRequest,
  type Repeatable,
  type Situation,
  situationOf,
} from "../record/lead-acts.ts";
import type { Deps } from "../ports/deps.ts";
import { writeThenRead } from "../lib/query.ts";
import { findObstacle, type KeyReused, type Obstacle } from "./obstacle.ts";

export type Disputed =
  | {
      readonly outcome: "disputed";
      readonly leadId: string;
      readonly generation: number;
      /** Milliseconds since the epoch. */
      readonly disputedAt: number;
    }
  | { readonly outcome: "not_found" }
  /** The newest decision is that nobody gets the lead, or that somebody else does. */
  | { readonly outcome: "not_theirs"; readonly situation: Situation }
  /** Who should have had it is no rep. */
  | { readonly outcome: "no_such_rep" }
  /** The newest decision is disputed already. */
  | { readonly outcome: "disputed_before"; readonly situation: Situation }
  | KeyReused
  | Obstacle;

/**
 * Records that the owner of a lead's newest decision says it was not theirs: once per decision. It changes nothing else:
 * ops look at it and decide again, or close the lead. Rejects when the outcome is unknown; safe to repeat.
 */
export async function disputeLead(
  deps: Deps,
  actor: string,
  leadId: string,
  words: DisputeWords,
  repeatable: Repeatable = { eventId: deps.newId() },
): Promise<Disputed> {
  const at = deps.now();
  const act: Act = { ...repeatable, leadId, actor, reason: words.note, at };
  const [[done], [situation], [ability]] = await writeThenRead(
    deps.db,
    [
      insertDisputed(act, words),
      appendCommit(at, [], [{ subjectType: "lead", subjectId: leadId, id: act.eventId }]),
    ],
    [doneAct(act), situationOf(leadId), disputability(leadId, words.shouldBe)],
  );
  if (situation === undefined) return { outcome: "not_found" };
  if (done !== undefined) {
    if (isOtherRequest(act, done)) return { outcome: "key_reused" };
    const { generation, occurredAt: disputedAt } = done;
    return { outcome: "disputed", leadId, generation, disputedAt };
  }
  const obstacle = findObstacle(situation, null, ["erased", "undecided", "closed"]);
  if (obstacle !== null) return obstacle;
  if (situation.ownerId !== words.repId) return { outcome: "not_theirs", situation };
  if (ability?.known === 0) return { outcome: "no_such_rep" };
  if (ability?.disputed === 1) return { outcome: "disputed_before", situation };
  throw new Error("a decision was not disputed though nothing stood in the way");
}
