import { appendCommit, insertWaiting, leadEvent } from "../record/events.ts";
import {
  insertDecisions,
  type Proposal,
  type Standing,
  standingDecisions,
} from "../record/decisions.ts";
import { type DecisionKey, keyOf } from "../record/decision-key.ts";
import type { Deps } from "../ports/deps.ts";
import type { FullRep } from "../ports/pod.ts";
import { RouterError } from "../lib/failure.ts";
import { currentEpoch, epochFromRows } from "../record/marks.ts";
import { repRevisions } from "../roster/index.ts";
import { writeThenRead, type Query } from "../lib/query.ts";
import {
  NOTIFY_GRACE_MS,
  putOffRouting,
  routeBecomesNotify,
  wantDebitsIn,
  wantReleases,
} from "../record/pending.ts";
import type { Journey } from "./facts.ts";

/** The rep who gets a lead, with their local date, by which their own cap counts: YYYY-MM-DD. */
interface Owner {
  readonly ownerId: string;
  readonly day: string;
}

/** What chose the rep: a pod's claim, or the lead's account. Or nobody gets the lead. What people decide: assign.ts. */
export type Choice =
  | (Owner & {
      readonly by: "pod";
      readonly podId: string;
      readonly claimSeq: number;
      readonly rule: string;
    })
  | (Owner & {
      readonly by: "account";
      /** `reps.rev` of the owner as the facts saw it. */
      readonly ownerRev: number;
      readonly rule: string;
    })
  | { readonly by: "nobody" };

type Chosen = "outcome" | "ownerId" | "day" | "podId" | "claimSeq" | "rule" | "ownerRev";

/** A decision that is to be committed. */
export type Decision = Omit<Proposal, Chosen> & Choice;

const NOTHING: Pick<Proposal, Exclude<Chosen, "outcome">> = {
  ownerId: null,
  day: null,
  podId: null,
  claimSeq: null,
  rule: null,
  ownerRev: null,
};

/** The decision by columns: what it does not have is null. */
export function proposalOf({ by, ...decision }: Decision): Proposal {
  return { ...NOTHING, outcome: by === "nobody" ? "unassigned" : "assigned", ...decision };
}

/** A journey that came to a decision. */
export interface Draft {
  readonly end: "draft";
  readonly journey: Journey;
  readonly decision: Decision;
}

/** A journey whose lead waits in a pod. */
export interface Waiting {
  readonly end: "waiting";
  readonly journey: Journey;
  readonly podId: string;
  /** Why nobody takes the lead now, in words. */
  readonly reason: string;
  /** When the pod gives up: milliseconds since the epoch. */
  readonly until: number;
}

/** How a draft fared in the commit. */
export type Verdict =
  /** A decision exists: this one, or another pass's. */
  | { readonly outcome: "decided"; readonly draft: Draft; readonly existing: Standing }
  /** The person is at their own cap for the day: somebody else is to get the lead. */
  | { readonly outcome: "over_cap"; readonly draft: Draft; readonly rep: FullRep }
  /** The account's owner changed since the facts were read: they are read again. */
  | { readonly outcome: "stale"; readonly draft: Draft }
  /** The lead is gone, or nothing intends this decision any more. */
  | { readonly outcome: "unwanted"; readonly draft: Draft };

/**
 * Commits drafts in one guarded transaction that ends by reading back what exists. Rejects when the outcome
 * is unknown: then nothing may be given back. Rejects also when D1 was set back since the facts of this epoch were read:
 * then nothing was decided, and the decisions read back say nothing of claims that pods have forgotten.
 */
export async function commit(
  deps: Pick<Deps, "db" | "chain" | "now">,
  drafts: readonly Draft[],
  epoch: number,
): Promise<Verdict[]> {
  if (drafts.length === 0) return [];
  const decisions = drafts.map(({ decision }) => decision);
  const accountOwners = decisions.flatMap((one) => (one.by === "account" ? [one.ownerId] : []));
  const [existing, revisions, epochs] = await writeThenRead(
    deps.db,
    decisionWrites(deps, decisions, deps.now(), epoch),
    [standingDecisions(decisions), repRevisions(accountOwners), currentEpoch()],
  );
  if (epochFromRows(epochs) !== epoch)
    throw new RouterError("the database was set back while the lead was routed");
  const existingOf = new Map(existing.map((row) => [keyOf(row), row]));
  const revisionOf = new Map(revisions.map(({ id, rev }) => [id, rev]));
  return drafts.map((draft) => toVerdict(draft, existingOf.get(keyOf(draft.decision)), revisionOf));
}

/**
 * What a transaction that decides writes, in its order: the decisions, their commit, and what follows from them.
 * @param epoch as {@link insertDecisions} has it
 */
export function decisionWrites(
  { chain }: Pick<Deps, "chain">,
  decisions: readonly Decision[],
  now: number,
  epoch: number | null,
): readonly Query[] {
  return [
    ...insertDecisions(decisions.map(proposalOf), now, epoch),
    appendCommit(now, decisions),
    routeBecomesNotify(decisions, now + NOTIFY_GRACE_MS),
    wantReleases(decisions, now),
    ...wantDebitsIn(chain, decisions, now),
  ];
}

function toVerdict(
  draft: Draft,
  existing: Standing | undefined,
  revisionOf: ReadonlyMap<string, number>,
): Verdict {
  const { decision } = draft;
  if (!existing?.leadExists) return { outcome: "unwanted", draft };
  if (existing.outcome !== null) return { outcome: "decided", draft, existing };
  if (!existing.intended || decision.by === "nobody") return { outcome: "unwanted", draft };
  if (decision.by === "account" && revisionOf.get(decision.ownerId) !== decision.ownerRev)
    return { outcome: "stale", draft };
  return { outcome: "over_cap", draft, rep: { repId: decision.ownerId, day: decision.day } };
}

/** How long after a wait is over the sweep steps in, in milliseconds: the pod's own call comes first. */
const CALL_GRACE_MS = 60_000;

/**
 * Notes leads that wait in a pod, so that their messages can be acknowledged: the pod calls their pass when there is
 * something for it to do, and should that call get lost, the sweep does. Yields those that another pass has decided
 * meanwhile and not announced yet: they are not waiting any more, and a pass that acknowledges finishes the work.
 */
export async function noteWaiting(
  { db, now, newId, log }: Pick<Deps, "db" | "now" | "newId" | "log">,
  waiting: readonly Waiting[],
): Promise<readonly DecisionKey[]> {
  if (waiting.length === 0) return [];
  const at = now();
  const events = waiting.map(({ journey, podId, reason, until }) =>
    leadEvent(newId(), journey.request, {
      kind: "waiting",
      occurredAt: at,
      detail: { podId, reason, until: new Date(until).toISOString() },
    }),
  );
  const due = waiting.map(({ journey: { request }, until }) => ({
    ...request,
    due: until + CALL_GRACE_MS,
  }));
  const [existing] = await writeThenRead(
    db,
    [insertWaiting(events), appendCommit(at, [], events), putOffRouting(due)],
    [standingDecisions(due)],
  );
  for (const { journey, podId } of waiting) {
    const { leadId, generation } = journey.request;
    log("info", "lead_waits", { leadId, generation, pod: podId });
  }
  return existing.filter(({ outcome, notified }) => outcome !== null && !notified);
}
