import { conditionalRule } from "./conditional-rule.ts";
import type { Range } from "./conditions.ts";
import type { Pod } from "./pod.ts";
import type { Rule } from "./rule.ts";

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
