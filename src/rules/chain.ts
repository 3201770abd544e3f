import { hashRules } from "./chain-version.ts";
import { findProblems } from "./chain-problems.ts";
import type { Pod } from "./pod.ts";
import type { Rule } from "./rule.ts";

/** The rules of rules.ts, checked. */
export interface Chain {
  /** In the order they are tried; the last one is the fallback. */
  readonly rules: readonly Rule[];
  /** 12 hex digits that stand for the rules' meaning; stored with every decision. */
  readonly version: string;
  /** Every pod a rule sends to, once, in order of first mention. */
  readonly pods: readonly Pod[];
}

/**
 * Puts rules in order: the first that yields a rep takes the lead.
 * @throws {Error} listing every problem that types cannot catch, each naming its rules: no rules at all, two
 *   of one name, a rule after a catch-all, no fallback, overlapping score bands, a pod with two meanings
 */
export function chain(...rules: readonly Rule[]): Chain {
  const problems = findProblems(rules);
  if (problems.length > 0)
    throw new Error(`The chain cannot be used: ${problems.map(({ says }) => says).join("; ")}.`);
  return { rules, version: hashRules(rules), pods: listPods(rules) };
}

function listPods(rules: readonly Rule[]): readonly Pod[] {
  const byId = new Map<string, Pod>();
  for (const { pod } of rules) if (pod && !byId.has(pod.id)) byId.set(pod.id, pod);
  return [...byId.values()];
}
