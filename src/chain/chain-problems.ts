import { canonicalJson } from "./canonical-json.ts";
import type { Rule } from "./rule.ts";
import { bandsOverlap, isScoreRule } from "./score.ts";

/** What is wrong with these rules taken together, one phrase a problem. */
export function findProblems(rules: readonly Rule[]): string[] {
  if (rules.length === 0) return ["it has no rules"];
  return [
    ...findSharedNames(rules),
    ...findUnreachable(rules),
    ...findMissingFallback(rules),
    ...findOverlappingBands(rules),
    ...findTwofoldPods(rules),
  ];
}

function findSharedNames(rules: readonly Rule[]): string[] {
  const names = rules.map(({ name }) => name);
  const shared = new Set(names.filter((name, at) => names.indexOf(name) < at));
  return [...shared].map(
    (name) => `two rules are named "${name}", and a trail could not tell them apart`,
  );
}

function findUnreachable(rules: readonly Rule[]): string[] {
  const at = rules.findIndex(({ catchesAll }) => catchesAll);
  const [catchAll, next] = [rules[at], rules[at + 1]];
  if (!catchAll || !next) return [];
  return [`rule "${next.name}" comes after "${catchAll.name}", which takes every lead`];
}

function findMissingFallback(rules: readonly Rule[]): string[] {
  // One that is not the last is reported by findUnreachable.
  return rules.some(({ kind }) => kind === "fallback") ? [] : ["it has no fallback at its end"];
}

function findOverlappingBands(rules: readonly Rule[]): string[] {
  const scores = rules.filter(isScoreRule);
  return scores.flatMap((one, at) =>
    scores
      .slice(at + 1)
      .filter((other) => bandsOverlap(one.band, other.band))
      .map((other) => `the score bands of "${one.name}" and "${other.name}" overlap`),
  );
}

function findTwofoldPods(rules: readonly Rule[]): string[] {
  const first = new Map<string, { settings: string; rule: string }>();
  const problems: string[] = [];
  for (const { name, pod } of rules) {
    if (pod === null) continue;
    const settings = canonicalJson(pod.settings);
    const earlier = first.get(pod.id);
    if (earlier === undefined) first.set(pod.id, { settings, rule: name });
    else if (earlier.settings !== settings) {
      problems.push(
        `pod "${pod.id}" has other settings in rule "${name}" than in rule "${earlier.rule}"`,
      );
    }
  }
  return problems;
}
