import { type Claim, OWN_CAP_REACHED } from "../../pod/index.ts";
import type { ClaimWanted, FullRep } from "../../ports/pod.ts";
import type { DecisionKey } from "../../record/decision-key.ts";
import type { Chain } from "../../rules/chain.ts";
import type { Lead } from "../../rules/lead.ts";
import { waitLimitMs } from "../../rules/pod.ts";
import type { TrailStep } from "../../rules/trail.ts";
import { matchedByPod, matchedOwner, nobodyIn, type PodStop, walk } from "../../rules/walk.ts";
import type { Drawn } from "./pod-ledger.ts";
import type { Outcome } from "./record.ts";
import type { PodClaim, Run } from "./run.ts";

/** A lead on its way through the rules within a run: as in src/routing, with the run in place of the platform. */
export interface Journey extends DecisionKey {
  readonly chain: Chain;
  readonly lead: Lead;
  /** Reps who must not get the lead, each with the reason in words. */
  readonly excluded: Map<string, string>;
  /** Those of them who are at their own cap: for today only. */
  readonly refused: Set<string>;
  /** Pods in which it has waited: it does so once. */
  readonly waitedIn: Set<string>;
  readonly trail: TrailStep[];
  /** Claims drawn for it so far: all but the last are given back. */
  readonly claims: PodClaim[];
  /** Persons found to be at their own cap: the pods that are asked next are told. */
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

/** How far a journey came. */
export type Progress =
  /** `day` is the owner's local date. */
  | { readonly progress: "decided"; readonly outcome: Outcome; readonly day: string | null }
  /** Nobody in the pod can take it now, and the pod lets its leads wait. */
  | { readonly progress: "waits"; readonly stop: PodStop };

/** How the pod that a journey is at is asked. */
export type Draw = (journey: Journey, stop: PodStop, now: number) => Drawn;

/** Walks on from where the journey is until somebody has the lead, nobody does, or it waits. */
export function walkOn(run: Run, journey: Journey, now: number, draw: Draw): Progress {
  const { history } = run.setting;
  const { chain, lead, excluded } = journey;
  for (;;) {
    const account = history.account(lead.companyDomain, now);
    const stop = walk(chain, lead, { account, excluded }, journey.at);
    journey.trail.push(...stop.steps);
    if (stop.stop === "exhausted") return decided(journey, null, null, null);
    journey.at = stop.at;
    if (stop.stop === "ask_pod") {
      const progress = takeDrawn(run, journey, stop, draw(journey, stop, now));
      if (progress) return progress;
    } else if (admits(run, journey, stop.owner)) {
      const { repId, day } = stop.owner;
      return decided(journey, matchedOwner(stop), repId, day);
    }
  }
}

/** Asks the pod that the journey is at; what it draws, it counts. */
export function askPod(run: Run, journey: Journey, { pod }: PodStop, now: number): Drawn {
  const ledger = run.podToDraw(pod.id, now);
  for (const { repId, day } of journey.full) ledger.state.full[repId] = day;
  const { leadId, generation, refused } = journey;
  const excluded = [...journey.excluded].filter(([repId]) => !refused.has(repId));
  const wanted: ClaimWanted = {
    leadId,
    generation,
    excluded: Object.fromEntries(excluded),
    refused: [...refused],
  };
  return ledger.draw(wanted, pod.settings, now);
}

/** Uses a draw of the pod that the journey is at. Null = it walks on: past the pod, or past a rep who is full. */
export function takeDrawn(
  run: Run,
  journey: Journey,
  stop: PodStop,
  { result, claim }: Drawn,
): Progress | null {
  const { pod } = stop;
  if (claim === null) {
    if (waitLimitMs(pod.settings) !== null && !journey.waitedIn.has(pod.id))
      return { progress: "waits", stop };
    journey.trail.push(nobodyIn(stop, result));
    journey.at = stop.at + 1;
    return null;
  }
  const { repId, day } = claim;
  journey.claims.push({ podId: pod.id, claim });
  if (!admits(run, journey, claim)) return null;
  return decided(journey, matchedByPod(stop, result, repId), repId, day);
}

/** Whether the commit would accept the rep. If they are at their own cap, the walk goes past them. */
function admits(run: Run, journey: Journey, { repId, day }: Pick<Claim, "repId" | "day">): boolean {
  if (run.admits(repId, day)) return true;
  journey.excluded.set(repId, OWN_CAP_REACHED);
  journey.refused.add(repId);
  journey.full.push({ repId, day });
  return false;
}

/** @param last the step that found the owner; null = nobody was found */
function decided(
  { trail }: Journey,
  last: TrailStep | null,
  ownerId: string | null,
  day: string | null,
): Progress {
  const { rule = null, podId = null } = last ?? {};
  const outcome = { rule, podId, ownerId, trail: last === null ? trail : [...trail, last] };
  return { progress: "decided", outcome, day };
}
