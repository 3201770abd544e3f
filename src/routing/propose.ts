import type { Proposal } from "../record/decisions.ts";
import { explainAssigned, explainNobody, explainUnassigned } from "../rules/explain.ts";
import type { TrailStep } from "../rules/trail.ts";
import {
  matchedByPod,
  matchedOwner,
  nobodyIn,
  type OwnerStop,
  type PodStop,
  walk,
} from "../rules/walk.ts";
import type { Deps } from "../ports/deps.ts";
import { kindOf, PoisonError } from "../lib/failure.ts";
import type { ClaimRequest, ClaimResult, FullRep } from "../ports/pod.ts";
import type { Journey, PodFacts } from "./facts.ts";
import type { InLine } from "./commit.ts";
import { type DecisionKey, keyOf } from "../record/decision-key.ts";
import { rosterFromRow, rosterRows } from "../roster/index.ts";
import { rows } from "../lib/query.ts";

/** Where a journey came to. */
export interface Draft {
  readonly journey: Journey;
  readonly proposal: Proposal;
}

/** A journey whose pod could not be asked: nothing is known, so it is tried again. */
interface Stuck {
  readonly journey: Journey;
  readonly cause: unknown;
}

/** A journey that stands at a rule which sends it to a pod. */
interface Asking {
  readonly journey: Journey;
  readonly stop: PodStop;
}

/** What became of the journeys that asked one pod. */
interface Answered {
  readonly drafts: Draft[];
  readonly inLine: InLine[];
  readonly stuck: Stuck[];
  /** Those the pod had nobody for: they walk on from the next rule. */
  readonly next: Journey[];
}

/**
 * Walks each journey down the chain to a proposal. Each round walks every lead to its next pod or owner and
 * asks each pod once for all leads that come to it, so there are at most as many rounds as rules.
 */
export async function propose(
  deps: Deps,
  journeys: readonly Journey[],
  pods: PodFacts,
  full: readonly FullRep[],
): Promise<Omit<Answered, "next">> {
  const drafts: Draft[] = [];
  const inLine: InLine[] = [];
  const stuck: Stuck[] = [];
  let walking = journeys;
  while (walking.length > 0) {
    const { arrived, toAsk } = groupByPod(deps, walking);
    const answered = await Promise.all(
      [...toAsk].map(([podId, asking]) => askOnePod(deps, podId, asking, pods, full)),
    );
    drafts.push(...arrived, ...answered.flatMap((one) => one.drafts));
    inLine.push(...answered.flatMap((one) => one.inLine));
    stuck.push(...answered.flatMap((one) => one.stuck));
    walking = answered.flatMap(({ next }) => next);
  }
  return { drafts, inLine, stuck };
}

/** Walks each journey to its next stop: those that need no pod have arrived, the others are sorted by the pod to ask. */
function groupByPod(
  deps: Deps,
  walking: readonly Journey[],
): { arrived: Draft[]; toAsk: ReadonlyMap<string, readonly Asking[]> } {
  const arrived: Draft[] = [];
  const toAsk = new Map<string, Asking[]>();
  for (const journey of walking) {
    const stop = walkOn(deps, journey);
    if (stop.stop === "owner") arrived.push(proposeOwner(deps, journey, stop));
    else if (stop.stop === "exhausted") arrived.push(proposeUnassigned(deps, journey));
    else toAsk.set(stop.pod.id, [...(toAsk.get(stop.pod.id) ?? []), { journey, stop }]);
  }
  return { arrived, toAsk };
}

/** Asks one pod for all of these journeys at once. Never rejects: a pod that cannot answer leaves them stuck. */
async function askOnePod(
  deps: Deps,
  podId: string,
  asking: readonly Asking[],
  { epoch, versions }: PodFacts,
  full: readonly FullRep[],
): Promise<Answered> {
  const answered: Answered = { drafts: [], inLine: [], stuck: [], next: [] };
  try {
    const wanted = asking.map(({ journey }) => ({
      leadId: journey.request.leadId,
      generation: journey.request.generation,
      excluded: Object.fromEntries(
        [...journey.excluded].filter(([repId]) => !journey.refused.has(repId)),
      ),
      refused: [...journey.refused],
    }));
    const version = versions.get(podId) ?? 0;
    const answer = await askPod(deps, podId, { version, wanted, full }, epoch);
    for (const { journey, stop } of asking) {
      const result = answer(journey.request);
      switch (result.outcome) {
        case "claimed":
          answered.drafts.push(proposeClaim(deps, journey, stop, result));
          break;
        case "waiting": {
          const reason = explainNobody(podId, result);
          answered.inLine.push({ journey, podId, reason, until: result.until });
          break;
        }
        case "nobody":
          journey.trail.push(nobodyIn(stop, result));
          journey.at = stop.at + 1;
          answered.next.push(journey);
      }
    }
    return answered;
  } catch (cause) {
    return { ...answered, stuck: asking.map(({ journey }) => ({ journey, cause })) };
  }
}

function walkOn(deps: Deps, journey: Journey) {
  try {
    const stop = walk(deps.chain, journey.lead, journey, journey.at);
    journey.trail.push(...stop.steps);
    if (stop.stop !== "exhausted") journey.at = stop.at;
    return stop;
  } catch (error) {
    // A rule made by src/chain never throws, not even when its predicate does: only a Rule object of somebody's own
    // gets here. Its message may quote the lead, so only the kind of error is kept.
    throw new PoisonError(`a rule threw ${kindOf(error)}`);
  }
}

function proposeClaim(
  deps: Deps,
  journey: Journey,
  stop: PodStop,
  claim: ClaimResult & { readonly outcome: "claimed" },
): Draft {
  journey.claims.push({ podId: stop.pod.id, seq: claim.seq });
  const trail = [...journey.trail, matchedByPod(stop, claim, claim.repId)];
  return draft(deps, journey, trail, {
    outcome: "assigned",
    ownerId: claim.repId,
    day: claim.day,
    podId: stop.pod.id,
    claimSeq: claim.seq,
    rule: stop.rule.name,
    reason: explainAssigned(trail),
    decidedAt: claim.claimedAt,
    ownerRev: null,
  });
}

function proposeOwner(deps: Deps, journey: Journey, stop: OwnerStop): Draft {
  const trail = [...journey.trail, matchedOwner(stop)];
  return draft(deps, journey, trail, {
    outcome: "assigned",
    ownerId: stop.owner.repId,
    day: stop.owner.day,
    podId: null,
    claimSeq: null,
    rule: stop.rule.name,
    reason: explainAssigned(trail),
    decidedAt: deps.now(),
    ownerRev: stop.owner.rev,
  });
}

function proposeUnassigned(deps: Deps, journey: Journey): Draft {
  return draft(deps, journey, journey.trail, {
    outcome: "unassigned",
    ownerId: null,
    day: null,
    podId: null,
    claimSeq: null,
    rule: null,
    reason: explainUnassigned(journey.trail),
    decidedAt: deps.now(),
    ownerRev: null,
  });
}

type Finding = Pick<
  Proposal,
  | "outcome"
  | "ownerId"
  | "day"
  | "podId"
  | "claimSeq"
  | "rule"
  | "reason"
  | "decidedAt"
  | "ownerRev"
>;

function draft(deps: Deps, journey: Journey, trail: readonly TrailStep[], finding: Finding): Draft {
  const { leadId, generation, attempts } = journey.request;
  return {
    journey,
    proposal: {
      leadId,
      generation,
      attempts,
      trail,
      chainVersion: deps.chain.version,
      decidedBy: journey.decidedBy,
      ...finding,
    },
  };
}

/**
 * Asks one pod for a rep for each lead: one RPC. A pod that holds an older roster than the facts showed
 * says so and gets the roster first. Rejects when the pod cannot answer, or belongs to a later epoch than the facts: that is
 * a retry, never "nobody".
 */
export async function askPod(
  deps: Deps,
  podId: string,
  request: ClaimRequest,
  epoch: number,
): Promise<(key: DecisionKey) => ClaimResult> {
  const pod = deps.pod(podId);
  let answer = await pod.claim(request, epoch);
  if (answer.outcome === "behind") {
    const [row] = await rows(deps.db, rosterRows([podId], deps.now()));
    if (row) await pod.accept(rosterFromRow(row), row.epoch);
    answer = await pod.claim(request, epoch);
  }
  if (answer.outcome === "behind")
    throw new Error(`pod ${podId} is behind version ${request.version}`);
  const resultOf = new Map(answer.results.map((result) => [keyOf(result), result]));
  return (key) => {
    const result = resultOf.get(keyOf(key));
    if (!result) throw new Error(`pod ${podId} left out a lead it was asked for`);
    return result;
  };
}
