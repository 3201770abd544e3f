import {
  type Act,
  doneAct,
  type DoneAct,
  insertAssignedByHand,
  insertDecisionByHand,
  isOtherRequest,
  type ManualDecision,
  type Repeatable,
  repToAssign,
  situationOf,
} from "../record/lead-acts.ts";
import { decisionFromRow, decisionsOfLead, type StoredDecision } from "../record/lead-story.ts";
import type { Deps } from "../ports/deps.ts";
import { localDay } from "../roster/index.ts";
import { transaction, writeThenRead } from "../lib/query.ts";
import {
  NOTIFY_GRACE_MS,
  routeBecomesNotify,
  wantDebitsIn,
  wantNotificationOfAssigned,
  wantReleases,
} from "../record/pending.ts";
import { commitOf, findRefusal, hasten, type Undone } from "./acts.ts";
import { announce } from "./pass.ts";

type AssignDeps = Pick<Deps, "db" | "chain" | "notifications" | "now" | "newId" | "log">;

/**
 * Looks at the lead per call. The first is nearly always enough: another is taken only when a generation was decided
 * between the look and the write, and that takes a message of the queue or another person's act each time.
 */
const MAX_LOOKS = 3;

interface AssignInput {
  readonly ownerId: string;
  readonly reason: string;
  /** The newest generation that the actor has seen, 0 = none; left out = any. */
  readonly generation?: number | undefined;
}

type Assigned =
  /** The lead is theirs: by this call, or, when it is repeated, already. */
  | { readonly outcome: "assigned"; readonly decision: StoredDecision }
  /** The rep does not exist or is deactivated. */
  | { readonly outcome: "no_such_rep" }
  | Undone;

/**
 * Gives a lead to a rep manually: the next generation, decided here and now. It counts toward the rep's own cap but
 * is never refused by it. Also opens a closed lead again. Rejects when the outcome is unknown; safe to repeat:
 * an open lead that is the rep's already stays as it is. With `repeatable` the repetition of a request that gave the lead away
 * answers the decision it made, whoever has the lead since.
 */
export async function assignManually(
  deps: AssignDeps,
  actor: string,
  leadId: string,
  { ownerId, reason, generation }: AssignInput,
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
    if (rep?.active !== 1) return { outcome: "no_such_rep" };

    const next = (seen ?? before.newest) + 1;
    const act: Act = { ...repeatable, leadId, actor, reason, at: deps.now() };
    const decision = decide(deps, act, { ownerId, timeZone: rep.timeZone, generation: next });
    const { done, after, still, decisions } = await commitManual(deps, act, decision);
    if (done !== undefined) return answerDone(deps, act, done, decisions);
    const theirs = after.ownerId === ownerId && after.closed === 0;
    const refusal = findRefusal(
      after,
      seen,
      theirs ? ["erased", "intent"] : ["erased", "intent", "superseded"],
    );
    if (refusal !== null) return refusal;
    const newest = decisions.at(-1);
    if (theirs && newest !== undefined) return { outcome: "assigned", decision: newest };
    if (!still) return { outcome: "no_such_rep" };
    if (look === MAX_LOOKS) return { outcome: "refused", reason: "superseded", situation: after };
  }
}

/** The act was done, by this call or by one that it repeats: announces it, because the earlier one may not have come to that. */
async function answerDone(
  deps: AssignDeps,
  repeatable: Repeatable,
  done: DoneAct,
  decisions: readonly StoredDecision[],
): Promise<Assigned> {
  if (isOtherRequest(repeatable, done)) return { outcome: "key_reused" };
  const decision = decisions.find(({ generation }) => generation === done.generation);
  if (decision === undefined) throw new Error("a manual assignment has an event and no decision");
  const { leadId, generation } = decision;
  await hasten(deps.log, "announcement_left_to_sweep", { leadId, generation }, () =>
    announce(deps, [decision]),
  );
  return { outcome: "assigned", decision };
}

function decide(
  { chain }: AssignDeps,
  { leadId, actor, reason: words, at }: Act,
  owner: { readonly ownerId: string; readonly timeZone: string; readonly generation: number },
): ManualDecision {
  const { ownerId, timeZone, generation } = owner;
  const reason = `${actor} gave it to ${ownerId} by hand: ${words}`;
  return {
    leadId,
    generation,
    ownerId,
    day: localDay(timeZone, at),
    reason,
    trail: [{ rule: "by hand", kind: "manual", outcome: "matched", reason, picked: ownerId }],
    chainVersion: chain.version,
    decidedAt: at,
    attempts: 0,
    decidedBy: actor,
  };
}

async function commitManual({ db, chain }: AssignDeps, act: Act, decision: ManualDecision) {
  const { at, leadId } = act;
  const [[done], [after], [rep], decisions] = await writeThenRead(
    db,
    [
      insertDecisionByHand(decision, at),
      insertAssignedByHand(act, decision.generation),
      commitOf(act, [decision]),
      routeBecomesNotify([decision], at + NOTIFY_GRACE_MS),
      wantNotificationOfAssigned(act, at + NOTIFY_GRACE_MS),
      wantReleases([decision], at),
      ...wantDebitsIn(chain, [decision], at),
    ],
    [doneAct(act), situationOf(leadId), repToAssign(decision.ownerId), decisionsOfLead(leadId)],
  );
  if (after === undefined) throw new Error("a lead vanished while it was assigned");
  return { done, after, still: rep?.active === 1, decisions: decisions.map(decisionFromRow) };
}
