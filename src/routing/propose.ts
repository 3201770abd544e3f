import { explainAssigned, explainNobody, explainUnassigned } from "../rules/explain.ts";
import type { TrailStep } from "../rules/trail.ts";
import {
  matchedByPod,
  matchedOwner,
  nobodyIn,
  type PodStop,
  walk,
  type Walk,
} from "../rules/walk.ts";
import { type DecisionKey, keyOf } from "../record/decision-key.ts";
import type { Deps } from "../ports/deps.ts";
import { kindOf, PoisonError } from "../lib/failure.ts";
import { rows } from "../lib/query.ts";
import type { ClaimRequest, ClaimResult, FullRep, PodPort } from "../ports/pod.ts";
import { OWN_CAP_REACHED } from "../pod/index.ts";
import { rosterFromRow, rosterRows } from "../roster/index.ts";
import type { Choice, Draft, Waiting } from "./commit.ts";
import type { Journey, PodFacts } from "./facts.ts";

/** What a pass asks of a pod to get leads their reps. */
export type AskablePod = Pick<PodPort, "claim" | "accept">;

type ProposeDeps = Pick<Deps, "db" | "chain" | "now"> & {
  readonly pod: (podId: string) => AskablePod;
};

/** A journey whose pod could not be asked: nothing is known, so it is tried again. */
interface Stuck {
  readonly end: "stuck";
  readonly journey: Journey;
  readonly cause: unknown;
}

/** A journey at a rule that sends it to a pod. */
interface Asking {
  readonly end: "pod";
  readonly journey: Journey;
  readonly stop: PodStop;
}

/** Where a journey came to by its pod: to an end, or to the next rule because the pod had nobody. */
type Answer = Draft | Waiting | Stuck | { readonly end: "next"; readonly journey: Journey };

/** Where journeys ended. */
interface Proposed {
  readonly drafts: readonly Draft[];
  readonly waiting: readonly Waiting[];
  readonly stuck: readonly Stuck[];
}

/**
 * Walks each journey through the rules to its end. Each round walks every lead to its next pod or owner and
 * asks each pod once for all leads that come to it, so there are at most as many rounds as rules.
 * @param full persons found to be at their own cap: the pods asked are told
 */
export async function propose(
  deps: ProposeDeps,
  journeys: readonly Journey[],
  pods: PodFacts,
  full: readonly FullRep[],
): Promise<Proposed> {
  const drafts: Draft[] = [];
  const waiting: Waiting[] = [];
  const stuck: Stuck[] = [];
  let walking = journeys;
  while (walking.length > 0) {
    const asking: Asking[] = [];
    for (const journey of walking) {
      const walked = walkOn(deps, journey);
      if (walked.end === "pod") asking.push(walked);
      else drafts.push(walked);
    }
    const byPod = Map.groupBy(asking, ({ stop }) => stop.pod.id);
    const answers = await Promise.all(
      [...byPod].map(([podId, some]) => askPod(deps, podId, some, pods, full)),
    );
    const next: Journey[] = [];
    for (const answer of answers.flat()) {
      if (answer.end === "draft") drafts.push(answer);
      else if (answer.end === "waiting") waiting.push(answer);
      else if (answer.end === "stuck") stuck.push(answer);
      else next.push(answer.journey);
    }
    walking = next;
  }
  return { drafts, waiting, stuck };
}

/** Walks a journey to its next stop. */
function walkOn(deps: ProposeDeps, journey: Journey): Draft | Asking {
  const stop = tryRules(deps, journey);
  const trail = [...journey.trail, ...stop.steps];
  if (stop.stop === "exhausted") {
    const reason = explainUnassigned(trail);
    return draft(deps, journey, trail, reason, deps.now(), { by: "nobody" });
  }
  const walked = { ...journey, trail, at: stop.at };
  if (stop.stop === "ask_pod") return { end: "pod", journey: walked, stop };
  const { repId: ownerId, day, rev: ownerRev } = stop.owner;
  const matched = [...trail, matchedOwner(stop)];
  return draft(deps, walked, matched, explainAssigned(matched), deps.now(), {
    by: "account",
    ownerId,
    day,
    ownerRev,
    rule: stop.rule.name,
  });
}

function tryRules({ chain }: ProposeDeps, { lead, account, excluded, refused, at }: Journey): Walk {
  const full = refused.map((repId) => [repId, OWN_CAP_REACHED] as const);
  try {
    return walk(
      chain,
      lead,
      { account, excluded: new Map([...Object.entries(excluded), ...full]) },
      at,
    );
  } catch (error) {
    // A rule made by src/rules never throws, not even when its predicate does: only a Rule object of somebody's own
    // gets here. Its message may quote the lead, so only the kind of error is kept.
    throw new PoisonError(`a rule threw ${kindOf(error)}`);
  }
}

/** Asks one pod for all of these journeys at once. Never rejects: a pod that cannot answer leaves them stuck. */
async function askPod(
  deps: ProposeDeps,
  podId: string,
  asking: readonly Asking[],
  { epoch, versions }: PodFacts,
  full: readonly FullRep[],
): Promise<readonly Answer[]> {
  const wanted = asking.map(({ journey: { request, excluded, refused } }) => {
    const { leadId, generation } = request;
    return { leadId, generation, excluded, refused };
  });
  try {
    const version = versions.get(podId) ?? 0;
    const resultOf = await claim(deps, podId, { version, wanted, full }, epoch);
    return asking.map((one) => goOn(deps, one, resultOf(one.journey.request)));
  } catch (cause) {
    return asking.map(({ journey }) => ({ end: "stuck", journey, cause }));
  }
}

/**
 * Claims a rep for each lead: one RPC. A pod that holds an older roster than the facts showed says so and gets the roster
 * first. Rejects when the pod cannot answer, or belongs to a later epoch than the facts: that is a retry, never "nobody".
 */
async function claim(
  deps: ProposeDeps,
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

/** Where a journey comes to by the answer of its pod. */
function goOn(deps: ProposeDeps, { journey, stop }: Asking, result: ClaimResult): Answer {
  const podId = stop.pod.id;
  switch (result.outcome) {
    case "claimed": {
      const { repId: ownerId, day, seq: claimSeq, claimedAt } = result;
      const claimed = { ...journey, claims: [...journey.claims, { podId, seq: claimSeq }] };
      const trail = [...journey.trail, matchedByPod(stop, result, ownerId)];
      return draft(deps, claimed, trail, explainAssigned(trail), claimedAt, {
        by: "pod",
        ownerId,
        day,
        podId,
        claimSeq,
        rule: stop.rule.name,
      });
    }
    case "waiting": {
      const reason = explainNobody(podId, result);
      return { end: "waiting", journey, podId, reason, until: result.until };
    }
    case "nobody": {
      const trail = [...journey.trail, nobodyIn(stop, result)];
      return { end: "next", journey: { ...journey, trail, at: stop.at + 1 } };
    }
  }
}

function draft(
  { chain }: ProposeDeps,
  journey: Journey,
  trail: readonly TrailStep[],
  reason: string,
  decidedAt: number,
  choice: Choice,
): Draft {
  const { decidedBy, request } = journey;
  const { leadId, generation, attempts } = request;
  const key = { leadId, generation, attempts, decidedBy, decidedAt, chainVersion: chain.version };
  return { end: "draft", journey, decision: { ...key, reason, trail, ...choice } };
}
