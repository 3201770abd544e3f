import type { Chain } from "./chain.ts";
import type { Lead } from "./lead.ts";
import type { Pod } from "./pod.ts";
import type { AccountOwner, Facts, Rule } from "./rule.ts";
import type { TrailStep } from "./trail.ts";

/** The walk stands at a rule that sends to a pod: somebody has to ask it. */
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

/** The walk stands at a rule that names the rep itself. When the commit refuses them, exclude them and walk again from `at`. */
export interface OwnerStop {
  readonly stop: "owner";
  readonly at: number;
  readonly rule: Rule;
  readonly owner: AccountOwner;
  readonly reason: string;
  readonly steps: readonly TrailStep[];
}

/** No rule is left. */
export interface Exhausted {
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
