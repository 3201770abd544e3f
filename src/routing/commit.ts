import { appendCommit, insertWaiting, leadEvent } from "../record/events.ts";
import {
  insertDecisions,
  type Proposal,
  type Standing,
  standingDecisions,
} from "../record/decisions.ts";
import { type DecisionKey, keyOf } from "../record/decision-key.ts";
import type { Deps } from "../ports/deps.ts";
import { RouterError } from "../lib/failure.ts";
import { currentEpoch, epochFromRows } from "../record/marks.ts";
import { repRevisions } from "../roster/index.ts";
import { type Query, writeThenRead } from "../lib/query.ts";
import {
  NOTIFY_GRACE_MS,
  putOffRouting,
  routeBecomesNotify,
  wantDebitsIn,
  wantReleases,
} from "../record/pending.ts";
import type { Draft } from "./propose.ts";
import type { Journey } from "./facts.ts";

/** How a draft fared in the commit. */
export type Verdict =
  /** A decision stands: this one, or another pass's. */
  | { readonly outcome: "decided"; readonly draft: Draft; readonly standing: Standing }
  /** The person is at their own cap for the day: somebody else is to get the lead. */
  | { readonly outcome: "over_cap"; readonly draft: Draft }
  /** The account's owner changed since the facts were read: they are read again. */
  | { readonly outcome: "stale"; readonly draft: Draft }
  /** The lead is gone, or nothing intends this decision any more. */
  | { readonly outcome: "unwanted"; readonly draft: Draft };

/**
 * Commits drafts in one guarded transaction that ends by reading back what stands. Rejects when the outcome
 * is unknown: then nothing may be given back. Rejects also when D1 was set back since the facts of this epoch were read:
 * then nothing was decided, and what stands says nothing of claims that pods have forgotten.
 */
export async function commit(
  deps: Deps,
  drafts: readonly Draft[],
  epoch: number,
): Promise<Verdict[]> {
  if (drafts.length === 0) return [];
  const now = deps.now();
  const proposals = drafts.map(({ proposal }) => proposal);
  const guarded = proposals.flatMap(({ ownerId, ownerRev }) =>
    ownerId === null || ownerRev === null ? [] : [ownerId],
  );
  const [standing, revisions, stands] = await writeThenRead(
    deps.db,
    decisionWrites(deps, proposals, now, epoch),
    [standingDecisions(proposals), repRevisions(guarded), currentEpoch()],
  );
  if (epochFromRows(stands) !== epoch)
    throw new RouterError("the database was set back while the lead was routed");
  const standingOf = new Map(standing.map((row) => [keyOf(row), row]));
  const revisionOf = new Map(revisions.map(({ id, rev }) => [id, rev]));
  return drafts.map((draft) => toVerdict(draft, standingOf.get(keyOf(draft.proposal)), revisionOf));
}

/**
 * What a transaction that decides writes, in its order: the decisions, their commit, and what follows from them.
 * @param epoch as {@link insertDecisions} has it
 */
export function decisionWrites(
  deps: Deps,
  proposals: readonly Proposal[],
  now: number,
  epoch: number | null,
): readonly Query[] {
  return [
    ...insertDecisions(proposals, now, epoch),
    appendCommit(now, proposals),
    routeBecomesNotify(proposals, now + NOTIFY_GRACE_MS),
    wantReleases(proposals, now),
    ...wantDebitsIn(deps.chain, proposals, now),
  ];
}

function toVerdict(
  draft: Draft,
  standing: Standing | undefined,
  revisionOf: ReadonlyMap<string, number>,
): Verdict {
  const { ownerId, ownerRev } = draft.proposal;
  if (standing === undefined || !standing.leadExists) return { outcome: "unwanted", draft };
  if (standing.outcome !== null) return { outcome: "decided", draft, standing };
  if (!standing.intended) return { outcome: "unwanted", draft };
  if (ownerRev !== null && ownerId !== null && revisionOf.get(ownerId) !== ownerRev)
    return { outcome: "stale", draft };
  return { outcome: "over_cap", draft };
}

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
