import { canonicalJson } from "./canonical-json.ts";
import type { Rule } from "./rule.ts";
import { bandsOverlap, isScoreRule } from "./score.ts";

/** A reason why rules make no chain. */
export interface ChainProblem {
  readonly kind:
    | "no_rules"
    | "shared_name"
    | "after_catch_all"
    | "no_fallback"
    | "overlapping_bands"
    | "twofold_pod";
  /** Names of the rules it is about, in the chain's order. */
  readonly rules: readonly string[];
  /** A phrase that names them. */
  readonly says: string;
}

/** What is wrong with these rules taken together. */
export function findProblems(rules: readonly Rule[]): readonly ChainProblem[] {
  if (rules.length === 0) return [{ kind: "no_rules", rules: [], says: "it has no rules" }];
  return [
    ...findSharedNames(rules),
    ...findUnreachable(rules),
    ...findMissingFallback(rules),
    ...findOverlappingBands(rules),
    ...findTwofoldPods(rules),
  ];
}

function findSharedNames(rules: readonly Rule[]): ChainProblem[] {
  const names = rules.map(({ name }) => name);
  const shared = new Set(names.filter((name, at) => names.indexOf(name) < at));
  return [...shared].map((name) => ({
    kind: "shared_name",
    rules: [name],
    says: `two rules are named "${name}", and a trail could not tell them apart`,
  }));
}

function findUnreachable(rules: readonly Rule[]): ChainProblem[] {
  const at = rules.findIndex(({ catchesAll }) => catchesAll);
  const [catchAll, next] = [rules[at], rules[at + 1]];
  if (!catchAll || !next) return [];
  const says = `rule "${next.name}" comes after "${catchAll.name}", which takes every lead`;
  return [{ kind: "after_catch_all", rules: [catchAll.name, next.name], says }];
}

function findMissingFallback(rules: readonly Rule[]): ChainProblem[] {
  // One that is not the last is reported by findUnreachable.
  if (rules.some(({ kind }) => kind === "fallback")) return [];
  return [{ kind: "no_fallback", rules: [], says: "it has no fallback at its end" }];
}

function findOverlappingBands(rules: readonly Rule[]): ChainProblem[] {
  const scores = rules.filter(isScoreRule);
  return scores.flatMap((one, at) =>
    scores
      .slice(at + 1)
      .filter((other) => bandsOverlap(one.band, other.band))
      .map((other): ChainProblem => ({
        kind: "overlapping_bands",
        rules: [one.name, other.name],
        says: `the score bands of "${one.name}" and "${other.name}" overlap`,
      })),
  );
}

function findTwofoldPods(rules: readonly Rule[]): ChainProblem[] {
  const first = new Map<string, { settings: string; rule: string }>();
  const problems: ChainProblem[] = [];
  for (const { name, pod } of rules) {
    if (pod === null) continue;
    const settings = canonicalJson([pod.settings, pod.slack ?? null]);
    const earlier = first.get(pod.id);
    if (earlier === undefined) first.set(pod.id, { settings, rule: name });
    else if (earlier.settings !== settings) {
      problems.push({
        kind: "twofold_pod",
        rules: [earlier.rule, name],
        says: `pod "${pod.id}" has other settings in rule "${name}" than in rule "${earlier.rule}"`,
      });
    }
  }
  return problems;
}
