import { chain, type Chain } from "../../rules/chain.ts";
import type { Lead } from "../../rules/lead.ts";
import type { Pod } from "../../rules/pod.ts";
import type { Facts, Rule } from "../../rules/rule.ts";
import type { UnassignedLead } from "./unassigned-leads.ts";
import type { Conditions } from "../../rules/conditions.ts";
import { isCountryCode } from "../../rules/country-code.ts";
import { rule } from "../../rules/custom-rule.ts";
import { territory } from "../../rules/conditional-rules.ts";
import { nameSource, OTHER } from "../../record/tally.ts";

/** A rule that would have caught leads nobody got. */
export interface Suggestion {
  /** A line of rules.ts; the pod stands in it under its id in camel case, or as `pod` when none can be named. */
  readonly line: string;
  /** A pod in which somebody is eligible now; null = there is none, and the rule needs a pod with capacity. */
  readonly podId: string | null;
  /** The rule of the chain before which it belongs. */
  readonly before: string;
  /** Leads of the group, those the rule catches, and the other unassigned leads that it catches too. */
  readonly caught: { readonly ofGroup: number; readonly group: number; readonly others: number };
}

/** Names the pod for leads of a pattern; null = none has anybody eligible. */
export type ChoosePod = (pattern: Pattern, value: string | null) => Pod | null;

const NO_FACTS: Facts = { account: null, excluded: new Map() };

/**
 * The rule that catches most of a group: it is built, put into the chain, and asked about every lead. Pure.
 * @param group a part of `all`
 * @param patterns what its leads may have in common; the first wins among those that catch as many
 * @returns null when no rule catches any of them
 */
export function suggestRule(
  current: Chain,
  group: readonly UnassignedLead[],
  all: readonly UnassignedLead[],
  choosePod: ChoosePod,
  patterns: readonly Pattern[] = PATTERNS,
): Suggestion | null {
  const wanted = patterns.map((pattern) => {
    return { pattern, value: mostFrequent(group.map((lead) => patternValue(lead, pattern))) };
  });
  // What leads lack says little about them: a rule for that comes last.
  const [present, missing] = [wanted.filter(isPresent), wanted.filter((one) => !isPresent(one))];
  for (const some of [present, missing]) {
    let best: Suggestion | null = null;
    for (const { pattern, value } of some) {
      const suggestion = tryPattern(current, group, all, pattern, value, choosePod(pattern, value));
      if (suggestion !== null && suggestion.caught.ofGroup > (best?.caught.ofGroup ?? 0))
        best = suggestion;
    }
    if (best !== null) return best;
  }
  return null;
}

function isPresent({ value }: { readonly value: string | null }): boolean {
  return value !== null;
}

function tryPattern(
  current: Chain,
  group: readonly UnassignedLead[],
  all: readonly UnassignedLead[],
  pattern: Pattern,
  value: string | null,
  pod: Pod | null,
): Suggestion | null {
  const last = current.rules.at(-1);
  // Where no pod has anybody, the rule is tried with the fallback's: whom it catches is the same.
  const target = pod ?? last?.pod ?? null;
  if (last === undefined || target === null) return null;
  const name = findFreeName(current, nameRule(pattern, value));
  const suggested = buildRule(name, pattern, value, target);
  // Throws where the chain would not take it: what is suggested can be pasted.
  chain(...current.rules.slice(0, -1), suggested, last);
  const catches = (lead: UnassignedLead) =>
    suggested.evaluate(toLead(lead), NO_FACTS).outcome === "ask_pod";
  const ofGroup = group.filter(catches).length;
  return {
    line: writeRule(name, pattern, value, pod === null ? "pod" : camelCase(pod.id)),
    podId: pod?.id ?? null,
    before: last.name,
    caught: { ofGroup, group: group.length, others: all.filter(catches).length - ofGroup },
  };
}

/** The name, or "FR (2)" where a rule of the chain has it already. */
function findFreeName({ rules }: Chain, wanted: string): string {
  const taken = new Set(rules.map(({ name }) => name));
  let name = wanted;
  for (let number = 2; taken.has(name); number++) name = `${wanted} (${number})`;
  return name;
}

/** What a pattern looks at, and nothing else. */
function toLead({ leadId, receivedAt, countryCode, source, companyDomain }: UnassignedLead): Lead {
  const nobody = { email: null, phone: null, name: null, company: null };
  const rest = { region: null, score: null, fields: {} };
  return { id: leadId, receivedAt, ...nobody, companyDomain, countryCode, source, ...rest };
}

function camelCase(podId: string): string {
  return podId.replaceAll(/-+(.?)/g, (_dash, next: string) => next.toUpperCase());
}

/** Null only when there is nothing else. */
function mostFrequent(values: readonly (string | null)[]): string | null {
  const present = values.filter((value) => value !== null);
  const counts = [...Map.groupBy(present, (value) => value)];
  counts.sort(([, one], [, other]) => other.length - one.length);
  return counts[0]?.[0] ?? null;
}

/** What leads may have in common that a rule can look at and a metric may name. */
export const PATTERNS = ["countryCode", "source", "companyDomain"] as const;
export type Pattern = (typeof PATTERNS)[number];

/** A lead's value as rules compare it: white space around it and case do not count. Null = missing. */
export function patternValue(lead: UnassignedLead, pattern: Pattern): string | null {
  const value = lead[pattern]?.trim() ?? "";
  if (value === "") return null;
  if (pattern === "countryCode") return value.toUpperCase();
  return pattern === "source" && nameSource(value) === OTHER ? OTHER : value.toLowerCase();
}

/** A rule for the leads of a pattern: "FR", "source expo", "no company domain". */
function nameRule(pattern: Pattern, value: string | null): string {
  const subject = { countryCode: "country", source: "source", companyDomain: "company domain" };
  if (value === null) return `no ${subject[pattern]}`;
  return pattern === "countryCode" ? value : `${subject[pattern]} ${value}`;
}

/** The rule itself. It may catch nothing: a value that reads "none" cannot be told from a missing one. */
function buildRule(name: string, pattern: Pattern, value: string | null, pod: Pod): Rule {
  const conditions = conditionsOf(pattern, value);
  return pattern === "countryCode" ? territory(name, conditions, pod) : rule(name, conditions, pod);
}

/** The same rule as a line of rules.ts: `territory("FR", { countryCode: "FR" }, dach)`. */
function writeRule(name: string, pattern: Pattern, value: string | null, pod: string): string {
  const kind = pattern === "countryCode" ? "territory" : "rule";
  const [wanted] = Object.values(conditionsOf(pattern, value));
  return `${kind}(${JSON.stringify(name)}, { ${pattern}: ${JSON.stringify(wanted)} }, ${pod})`;
}

function conditionsOf(pattern: Pattern, value: string | null): Conditions {
  switch (pattern) {
    case "countryCode":
      return { countryCode: isCountryCode(value) ? value : "none" };
    case "source":
      return { source: value ?? "none" };
    case "companyDomain":
      return { companyDomain: value ?? "none" };
  }
}
