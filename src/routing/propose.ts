import type { Proposal } from "../audit/decision.ts";
import { explainAssigned, explainNobody, explainUnassigned } from "../chain/explain.ts";
import { matchedByPod, matchedOwner, nobodyIn } from "../chain/steps.ts";
import type { TrailStep } from "../chain/trail.ts";
import { walk, type OwnerStop, type PodStop } from "../chain/walk.ts";
import type { Deps } from "../deps.ts";
import { PoisonError } from "../failure.ts";
import type { ClaimResult, FullRep } from "../pod/port.ts";
import type { Journey } from "./journey.ts";
import { askPod } from "./pods.ts";
import type { Waiting } from "./wait.ts";

/** Where a journey came to. */
export interface Draft {
  readonly journey: Journey;
  readonly proposal: Proposal;
}

/** A journey whose pod could not be asked: nothing is known, so it is tried again. */
export interface Stuck {
  readonly journey: Journey;
  readonly cause: unknown;
}

/**
 * Walks each journey down the chain to a proposal. Each round walks every lead to its next pod or owner and
 * asks each pod once for all leads that wait for it, so there are at most as many rounds as rules.
 */
export async function propose(
  deps: Deps,
  journeys: readonly Journey[],
  podVersions: ReadonlyMap<string, number>,
  full: readonly FullRep[],
): Promise<{ drafts: Draft[]; waiting: Waiting[]; stuck: Stuck[] }> {
  const drafts: Draft[] = [];
  const inLine: Waiting[] = [];
  const stuck: Stuck[] = [];
  let walking = journeys;
  while (walking.length > 0) {
    const waiting = new Map<string, { journey: Journey; stop: PodStop }[]>();
    for (const journey of walking) {
      const stop = walkOn(deps, journey);
      if (stop.stop === "owner") drafts.push(proposeOwner(deps, journey, stop));
      else if (stop.stop === "exhausted") drafts.push(proposeUnassigned(deps, journey));
      else waiting.set(stop.pod.id, [...(waiting.get(stop.pod.id) ?? []), { journey, stop }]);
    }
    const next: Journey[] = [];
    const asked = [...waiting].map(async ([podId, queue]) => {
      try {
        const wanted = queue.map(({ journey }) => ({
          leadId: journey.request.leadId,
          generation: journey.request.generation,
          excluded: Object.fromEntries(journey.excluded),
        }));
        const answer = await askPod(deps, podId, {
          version: podVersions.get(podId) ?? 0,
          wanted,
          full,
        });
        for (const { journey, stop } of queue) {
          const result = answer(journey.request);
          if (result.outcome === "claimed") {
            drafts.push(proposeClaim(deps, journey, stop, result));
          } else if (result.outcome === "waiting") {
            const reason = explainNobody(podId, result);
            inLine.push({ journey, podId, reason, until: result.until });
          } else {
            journey.trail.push(nobodyIn(stop, result));
            journey.at = stop.at + 1;
            next.push(journey);
          }
        }
      } catch (cause) {
        for (const { journey } of queue) stuck.push({ journey, cause });
      }
    });
    await Promise.all(asked);
    walking = next;
  }
  return { drafts, waiting: inLine, stuck };
}

function walkOn(deps: Deps, journey: Journey) {
  try {
    const stop = walk(deps.chain, journey.lead, journey, journey.at);
    journey.trail.push(...stop.steps);
    if (stop.stop !== "exhausted") journey.at = stop.at;
    return stop;
  } catch (error) {
    // A predicate of rules.ts threw. Its message may quote the lead, so only the kind of error is kept.
    const kind = error instanceof Error ? error.name : typeof error;
    throw new PoisonError(`a rule threw ${kind}`);
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
