import { checkConditions } from "./check-conditions.ts";
import { type Conditions, judgeLead, listConditions, type Range } from "./conditions.ts";
import type { Pod } from "./pod.ts";
import type { Rule } from "./rule.ts";
import { checkRuleName } from "./rule.ts";
import type { RuleKind } from "./trail.ts";

/** A rule that sends to its pod every lead its conditions hold for. */
export function conditionalRule(
  kind: RuleKind,
  name: string,
  conditions: Conditions,
  pod: Pod,
): Rule {
  checkRuleName(kind, name);
  checkConditions(`${kind} "${name}"`, conditions);
  const list = listConditions(conditions);
  return {
    name,
    kind,
    pod,
    definition: { conditions },
    catchesAll: list.length === 0,
    evaluate(lead) {
      const { holds, reason } = judgeLead(list, lead);
      return holds ? { outcome: "ask_pod", pod, reason } : { outcome: "no_match", reason };
    },
  };
}

/**
 * Leads of a territory go to its pod: `territory("DACH", { countryCode: ["DE", "AT", "CH"] }, dach)`.
 * @throws {Error} naming the rule, when a condition is impossible
 */
export function territory(name: string, conditions: Conditions, pod: Pod): Rule {
  return conditionalRule("territory", name, conditions, pod);
}

/** Scores one rule takes: a range, inclusive at both ends, or `"none"` for leads that carry no score. */
export type ScoreBand = Range | "none";

export interface ScoreRule extends Rule {
  readonly kind: "score";
  readonly band: ScoreBand;
}

/**
 * Leads whose score lies in a band go to its pod: `score("warm", { min: 40, max: 79.99 }, sdr)`.
 * Bands of two score rules must not overlap.
 * @throws {Error} naming the rule, when the range is empty or impossible
 */
export function score(name: string, band: ScoreBand, pod: Pod): ScoreRule {
  return { ...conditionalRule("score", name, { score: band }, pod), kind: "score", band };
}

export function isScoreRule(rule: Rule): rule is ScoreRule {
  return rule.kind === "score";
}

/** Whether some lead lies in both. */
export function bandsOverlap(one: ScoreBand, other: ScoreBand): boolean {
  if (one === "none" || other === "none") return one === other;
  const min = Math.max(one.min ?? -Infinity, other.min ?? -Infinity);
  const max = Math.min(one.max ?? Infinity, other.max ?? Infinity);
  return min <= max;
}

/** Takes every lead that no rule above found a rep for. It comes last, once. */
export function fallback(pod: Pod): Rule {
  return conditionalRule("fallback", "fallback", {}, pod);
}
