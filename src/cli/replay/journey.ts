import type { Chain } from "../../rules/chain.ts";
import type { Lead } from "../../rules/lead.ts";
import { type TrailStep } from "../../rules/trail.ts";
import {
  matchedByPod,
  matchedOwner,
  nobodyIn,
  type OwnerStop,
  type PodStop,
  walk,
} from "../../rules/walk.ts";
import { waitLimitMs } from "../../rules/pod.ts";
import type { DecisionKey } from "../../record/decision-key.ts";
import { type Claim, OWN_CAP_REACHED } from "../../pod/index.ts";
import type { ClaimWanted, FullRep } from "../../ports/pod.ts";
import type { Outcome } from "./outcome.ts";
import type { Drawn } from "./pod-ledger.ts";
import type { Run } from "./run.ts";

/** A lead on its way down a chain within a run: as in src/routing, with the run in place of the platform. */
export interface Journey extends DecisionKey {
  readonly chain: Chain;
  readonly lead: Lead;
  /** Reps who must not get the lead, each with the reason in words. */
  readonly excluded: Map<string, string>;
  /** Those of them who are at their own cap: for today only. */
  readonly refused: Set<string>;
  /** Pods in whose line it has stood: it does so once. */
  readonly waitedIn: Set<string>;
  readonly trail: TrailStep[];
  /** Claims drawn for it so far: all but the last are given back. */
  readonly claims: { readonly podId: string; readonly claim: Claim }[];
  /** Persons found to be at their own cap: the pods that are asked next hear of it. */
  readonly full: FullRep[];
  /** Index of the rule to try next. */
  at: number;
}

export function startJourney(
  { leadId, generation }: DecisionKey,
  chain: Chain,
  lead: Lead,
  excluded: Readonly<Record<string, string>>,
): Journey {
  return {
    leadId,
    generation,
    chain,
    lead,
    excluded: new Map(Object.entries(excluded)),
    refused: new Set(),
    waitedIn: new Set(),
    trail: [],
    claims: [],
    full: [],
    at: 0,
  };
}

/** Where a journey came to. */
export type Progress =
  | { readonly progress: "decided"; readonly outcome: Outcome; readonly day: string | null }
  /** Nobody of the pod can take it now, and the pod keeps its leads in line. */
  | { readonly progress: "waits"; readonly stop: PodStop };

/** How the pod that a journey stands at is asked. */
export type Draw = (journey: Journey, stop: PodStop, now: number) => Drawn;

/** Walks on from where the journey stands until somebody has the lead, nobody does, or it waits. */
export function walkOn(run: Run, journey: Journey, now: number, draw: Draw): Progress {
  const { history } = run.setting;
  for (;;) {
    const account = history.account(journey.lead.companyDomain, now);
    const { excluded } = journey;
    const stop = walk(journey.chain, journey.lead, { account, excluded }, journey.at);
    journey.trail.push(...stop.steps);
    if (stop.stop === "exhausted") return nobody(journey);
    journey.at = stop.at;
    const decided =
      stop.stop === "owner"
        ? takeOwner(run, journey, stop)
        : takeDrawn(run, journey, stop, draw(journey, stop, now));
    if (decided) return decided;
  }
}

/** Asks the pod that the journey stands at; what it draws, it counts. */
export function askPod(run: Run, journey: Journey, { pod }: PodStop, now: number): Drawn {
  const ledger = run.podToDraw(pod.id, now);
  for (const { repId, day } of journey.full) ledger.state.full[repId] = day;
  return ledger.draw(wantedBy(journey), pod.settings, now);
}

/** Takes a draw of the pod that the journey stands at. Null = it walks on: past the pod, or past a rep who is full. */
export function takeDrawn(
  run: Run,
  journey: Journey,
  stop: PodStop,
  { result, claim }: Drawn,
): Progress | null {
  if (claim === null) {
    const podId = stop.pod.id;
    if (waitLimitMs(stop.pod.settings) !== null && !journey.waitedIn.has(podId))
      return { progress: "waits", stop };
    journey.trail.push(nobodyIn(stop, result));
    journey.at = stop.at + 1;
    return null;
  }
  const { repId, day } = claim;
  journey.claims.push({ podId: stop.pod.id, claim });
  if (!run.admits(repId, day)) return refuse(journey, repId, day);
  const trail = [...journey.trail, matchedByPod(stop, result, repId)];
  const { rule, pod } = stop;
  return {
    progress: "decided",
    outcome: { rule: rule.name, podId: pod.id, ownerId: repId, trail },
    day,
  };
}

function wantedBy({ leadId, generation, excluded, refused }: Journey): ClaimWanted {
  return {
    leadId,
    generation,
    excluded: Object.fromEntries([...excluded].filter(([repId]) => !refused.has(repId))),
    refused: [...refused],
  };
}

function takeOwner(run: Run, journey: Journey, stop: OwnerStop): Progress | null {
  const { repId, day } = stop.owner;
  if (!run.admits(repId, day)) return refuse(journey, repId, day);
  const trail = [...journey.trail, matchedOwner(stop)];
  return {
    progress: "decided",
    outcome: { rule: stop.rule.name, podId: null, ownerId: repId, trail },
    day,
  };
}

/** What the commit does with a person who is at their own cap: the walk goes past them. */
function refuse(journey: Journey, repId: string, day: string): null {
  journey.excluded.set(repId, OWN_CAP_REACHED);
  journey.refused.add(repId);
  journey.full.push({ repId, day });
  return null;
}

function nobody({ trail }: Journey): Progress {
  const outcome = { rule: null, podId: null, ownerId: null, trail };
  return { progress: "decided", outcome, day: null };
}
