import { appendCommit } from "../record/events.ts";
import {
  insertDecisions,
  type Proposal,
  type Standing,
  standingDecisions,
} from "../record/decisions.ts";
import { keyOf } from "../record/decision-key.ts";
import type { Deps } from "../ports/deps.ts";
import { RouterError } from "../lib/failure.ts";
import { currentEpoch, epochFromRows } from "../record/marks.ts";
import { repRevisions } from "../roster/index.ts";
import { writeThenRead, type Query } from "../lib/query.ts";
import {
  NOTIFY_GRACE_MS,
  routeBecomesNotify,
  wantDebitsIn,
  wantReleases,
} from "../record/pending.ts";
import type { Draft } from "./propose.ts";

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
