import type { Chain } from "./chain.ts";
import type { Lead } from "./lead.ts";
import type { Pod } from "./pod.ts";
import type { AccountOwner, Facts, Rule } from "./rule.ts";
import type { Draw, TrailStep } from "./trail.ts";
import { explainNobody } from "./explain.ts";

/** The walk stopped at a rule that sends to a pod, which has to be asked. */
export interface PodStop {
  readonly stop: "ask_pod";
  /** Index of the rule in the chain. When the pod has nobody, walk on from `at + 1`. */
  readonly at: number;
  readonly rule: Rule;
  readonly pod: Pod;
  /** Why the rule matched. */
  readonly reason: string;
  /** The rules passed since `from`, not this one. */
  readonly steps: readonly TrailStep[];
}

/** The walk stopped at a rule that names the rep itself. When the commit refuses them, exclude them and walk again from `at`. */
export interface OwnerStop {
  readonly stop: "owner";
  readonly at: number;
  readonly rule: Rule;
  readonly owner: AccountOwner;
  readonly reason: string;
  readonly steps: readonly TrailStep[];
}

/** No rule is left. */
interface Exhausted {
  readonly stop: "exhausted";
  readonly steps: readonly TrailStep[];
}

export type Walk = PodStop | OwnerStop | Exhausted;

/** Tries the rules from index `from` on until one names a pod or a rep. Pure. */
export function walk(chain: Chain, lead: Lead, facts: Facts, from: number): Walk {
  const steps: TrailStep[] = [];
  let at = from - 1;
  for (const rule of chain.rules.slice(from)) {
    at += 1;
    const verdict = rule.evaluate(lead, facts);
    const { outcome, reason } = verdict;
    switch (outcome) {
      case "ask_pod":
        return { stop: outcome, at, rule, pod: verdict.pod, reason, steps };
      case "owner":
        return { stop: outcome, at, rule, owner: verdict.owner, reason, steps };
      case "no_match":
        steps.push({ rule: rule.name, kind: rule.kind, outcome, reason });
        break;
      case "no_eligible_rep": {
        const { ownerId } = verdict;
        const step = { rule: rule.name, kind: rule.kind, outcome, reason };
        steps.push(ownerId === undefined ? step : { ...step, ownerId });
      }
    }
  }
  return { stop: "exhausted", steps };
}

/** The step of a rule whose pod gave the lead to `picked`. */
export function matchedByPod(stop: PodStop, draw: Draw, picked: string): TrailStep {
  return {
    ...begin(stop),
    outcome: "matched",
    reason: stop.reason,
    podId: stop.pod.id,
    ...candidatesOf(draw),
    picked,
    ...(draw.runnerUp === null ? {} : { runnerUp: draw.runnerUp }),
  };
}

/** The step of a rule that matched but whose pod had nobody: the walk goes on. */
export function nobodyIn(stop: PodStop, draw: Pick<Draw, "candidates" | "others">): TrailStep {
  const podId = stop.pod.id;
  return {
    ...begin(stop),
    outcome: "no_eligible_rep",
    reason: `${stop.reason}, but ${explainNobody(podId, draw)}`,
    podId,
    ...candidatesOf(draw),
  };
}

/** The step of a rule that names the rep itself. */
export function matchedOwner(stop: OwnerStop): TrailStep {
  return { ...begin(stop), outcome: "matched", reason: stop.reason };
}

function begin({ rule }: PodStop | OwnerStop): Pick<TrailStep, "rule" | "kind"> {
  return { rule: rule.name, kind: rule.kind };
}

function candidatesOf({
  candidates,
  others,
}: Pick<Draw, "candidates" | "others">): Partial<TrailStep> {
  return others === undefined ? { candidates } : { candidates, others };
}
