import { appendCommit } from "../record/events.ts";
import {
  type Act,
  type DecisionByHand,
  doneAct,
  type DoneAct,
  insertAssignedByHand,
  insertDecisionByHand,
  isOtherRequest,
  type Repeatable,
  repToAssign,
  type Situation,
  situationOf,
} from "../record/lead-acts.ts";
import { decisionFromRow, decisionsOfLead, type StoredDecision } from "../record/lead-story.ts";
import type { DecisionKey } from "../record/decision-key.ts";
import type { Deps } from "../ports/deps.ts";
import { failureMessage } from "../lib/failure.ts";
import { localDay } from "../roster/index.ts";
import { transaction, writeThenRead } from "../lib/query.ts";
import {
  NOTIFY_GRACE_MS,
  routeBecomesNotify,
  wantDebitsIn,
  wantNotificationOfAssigned,
  wantReleases,
} from "../record/pending.ts";
import { announce } from "./pass.ts";
import { findObstacle, type KeyReused, type Obstacle } from "./acts.ts";

/**
 * Looks at the lead per call. The first is nearly always enough: another is taken only when a generation was decided
 * between the look and the write, and that takes a message of the queue or somebody else's hand each time.
 */
const MAX_LOOKS = 3;

export interface AssignWish {
  readonly ownerId: string;
  readonly reason: string;
  /** The newest generation that the actor has seen, 0 = none; left out = whatever stands. */
  readonly generation?: number | undefined;
}

export type Assigned =
  /** The lead is theirs: by this call, or, when it is repeated, already. */
  | { readonly outcome: "assigned"; readonly decision: StoredDecision }
  | { readonly outcome: "not_found" }
  /** The rep does not exist or is deactivated. */
  | { readonly outcome: "no_such_rep" }
  | KeyReused
  | Obstacle;

/**
 * Gives a lead to a rep by hand: the next generation, decided here and now. It counts toward the rep's own cap but
 * is never refused by it. Also opens a closed lead again. Rejects when the outcome is unknown; safe to repeat:
 * an open lead that is the rep's already stays as it is. With `repeatable` the repetition of a request that gave the lead away
 * answers the decision it made, whoever has the lead since.
 */
export async function assignByHand(
  deps: Deps,
  actor: string,
  leadId: string,
  { ownerId, reason, generation }: AssignWish,
  repeatable: Repeatable = { eventId: deps.newId() },
): Promise<Assigned> {
  const seen = generation ?? null;
  for (let look = 1; ; look++) {
    const [[before], [rep], [earlier], given] = await transaction(deps.db, [
      situationOf(leadId),
      repToAssign(ownerId),
      doneAct({ leadId, ...repeatable }),
      decisionsOfLead(leadId),
    ]);
    if (before === undefined) return { outcome: "not_found" };
    // Done between this look and the write, the act has taken the next generation, and the write finds it.
    if (earlier !== undefined)
      return answerDone(deps, repeatable, earlier, given.map(decisionFromRow));
    if (rep === undefined || rep.active === 0) return { outcome: "no_such_rep" };

    const next = (seen ?? before.newest) + 1;
    const act: Act = { ...repeatable, leadId, actor, reason, at: deps.now() };
    const decision = decide(deps, act, { ownerId, timeZone: rep.timeZone, generation: next });
    const { done, after, still, decisions } = await commitByHand(deps, act, decision);
    if (done !== undefined) return answerDone(deps, act, done, decisions);
    const theirs = isTheirs(after, ownerId);
    const obstacle = findObstacle(
      after,
      seen,
      theirs ? ["erased", "intent"] : ["erased", "intent", "superseded"],
    );
    if (obstacle !== null) return obstacle;
    const newest = decisions.at(-1);
    if (theirs && newest !== undefined) return { outcome: "assigned", decision: newest };
    if (!still) return { outcome: "no_such_rep" };
    if (look === MAX_LOOKS) return { outcome: "refused", obstacle: "superseded", situation: after };
  }
}

/** The act was done, by this call or by one that it repeats: tells of it, because the earlier one may not have come to that. */
async function answerDone(
  deps: Deps,
  repeatable: Repeatable,
  done: DoneAct,
  decisions: readonly StoredDecision[],
): Promise<Assigned> {
  if (isOtherRequest(repeatable, done)) return { outcome: "key_reused" };
  const decision = decisions.find(({ generation }) => generation === done.generation);
  if (decision === undefined) throw new Error("an assignment by hand has an event and no decision");
  await tell(deps, decision);
  return { outcome: "assigned", decision };
}

function decide(
  deps: Deps,
  { leadId, actor, reason, at }: Act,
  owner: { readonly ownerId: string; readonly timeZone: string; readonly generation: number },
): DecisionByHand {
  const { ownerId, timeZone, generation } = owner;
  const explanation = `${actor} gave it to ${ownerId} by hand: ${reason}`;
  return {
    leadId,
    generation,
    outcome: "assigned",
    ownerId,
    day: localDay(timeZone, at),
    podId: null,
    claimSeq: null,
    rule: null,
    reason: explanation,
    trail: [
      { rule: "by hand", kind: "manual", outcome: "matched", reason: explanation, picked: ownerId },
    ],
    chainVersion: deps.chain.version,
    decidedAt: at,
    attempts: 0,
    decidedBy: actor,
  };
}

async function commitByHand(deps: Deps, act: Act, decision: DecisionByHand) {
  const { leadId, at } = act;
  const [[done], [after], [rep], decisions] = await writeThenRead(
    deps.db,
    [
      insertDecisionByHand(decision, at),
      insertAssignedByHand(act, decision.generation),
      appendCommit(at, [decision], [{ subjectType: "lead", subjectId: leadId, id: act.eventId }]),
      routeBecomesNotify([decision], at + NOTIFY_GRACE_MS),
      wantNotificationOfAssigned(act, at + NOTIFY_GRACE_MS),
      wantReleases([decision], at),
      ...wantDebitsIn(deps.chain, [decision], at),
    ],
    [doneAct(act), situationOf(leadId), repToAssign(decision.ownerId), decisionsOfLead(leadId)],
  );
  if (after === undefined) throw new Error("a lead vanished while it was assigned");
  return {
    done,
    after,
    still: rep?.active === 1,
    decisions: decisions.map(decisionFromRow),
  };
}

function isTheirs({ ownerId, closed }: Situation, repId: string): boolean {
  return ownerId === repId && closed === 0;
}

/** Tells for speed; should that fail, the sweep finds the `notify` row. */
async function tell(deps: Deps, { leadId, generation }: DecisionKey): Promise<void> {
  try {
    await announce(deps, [{ leadId, generation }]);
  } catch (error) {
    deps.log("warn", "announcement_left_to_sweep", {
      leadId,
      generation,
      error: failureMessage(error),
    });
  }
}
