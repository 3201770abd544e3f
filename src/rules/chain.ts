import type { Pod } from "./pod.ts";
import type { Rule } from "./rule.ts";
import { bandsOverlap, isScoreRule } from "./conditional-rules.ts";
import { sha256Hex } from "../lib/digest.ts";

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

/** Hex digits of a version: 48 bits, so that even among a million versions two alike are a 1 in 500 chance. */
const LENGTH = 12;

/**
 * A hash of what the rules say: names, kinds, conditions, pods and their settings, in order. The same in Node
 * and workerd, whatever the order of keys. Synchronous, because it is taken while the module loads.
 * A predicate enters by its name alone: **its name must change when its meaning does**.
 */
function hashRules(rules: readonly Rule[]): string {
  const meaning = rules.map(({ name, kind, definition, pod }) => ({
    name,
    kind,
    definition,
    // Without the pod's channel in Slack, which decides nothing about who gets what.
    pod: pod && { id: pod.id, settings: pod.settings },
  }));
  return sha256Hex(canonicalJson(meaning)).slice(0, LENGTH);
}

/** JSON with the keys of every object sorted: equal data gives equal text, whatever the order of keys was. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
