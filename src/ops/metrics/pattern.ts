import type { Conditions } from "../../rules/conditions.ts";
import { isCountryCode } from "../../rules/country-code.ts";
import { rule } from "../../rules/custom-rule.ts";
import type { Pod } from "../../rules/pod.ts";
import type { Rule } from "../../rules/rule.ts";
import { territory } from "../../rules/conditional-rules.ts";
import { nameSource, OTHER } from "../../record/tally.ts";
import type { UnassignedLead } from "./unassigned-leads.ts";

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
export function nameRule(pattern: Pattern, value: string | null): string {
  const subject = { countryCode: "country", source: "source", companyDomain: "company domain" };
  if (value === null) return `no ${subject[pattern]}`;
  return pattern === "countryCode" ? value : `${subject[pattern]} ${value}`;
}

/** The rule itself. It may catch nothing: a value that reads "none" cannot be told from a missing one. */
export function buildRule(name: string, pattern: Pattern, value: string | null, pod: Pod): Rule {
  const conditions = conditionsOf(pattern, value);
  return pattern === "countryCode" ? territory(name, conditions, pod) : rule(name, conditions, pod);
}

/** The same rule as a line of rules.ts: `territory("FR", { countryCode: "FR" }, dach)`. */
export function writeRule(
  name: string,
  pattern: Pattern,
  value: string | null,
  pod: string,
): string {
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
