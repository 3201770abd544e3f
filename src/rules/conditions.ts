import { describeAlternatives, explainMatch, explainMiss } from "./condition-words.ts";
import type { CountryCode } from "./country-code.ts";
import type { Lead } from "./lead.ts";
import { findMatch, listValues, type Match } from "./satisfy.ts";

/** A range of numbers, inclusive at both ends; one end may be left open. */
export type Range =
  | { readonly min: number; readonly max?: number }
  | { readonly min?: number; readonly max: number };

/** One thing a value may be. `"none"` asks for a missing value: nothing sent, or only white space. */
export type Test = string | number | boolean | Range;

type OneOrMore<T> = T | readonly T[];

/**
 * What a lead must be like, as plain data. Keys AND: every one must hold. Lists OR: one element is enough.
 * Text is compared trimmed and without regard to case. Where a form sent a name several times, any of its
 * values may satisfy. `fields` reaches everything else that was sent, under the names it was sent with;
 * forms send text, so "35" is a number to a range or a number ("1,000" and "about 35" are not).
 */
export interface Conditions {
  readonly countryCode?: OneOrMore<CountryCode | "none">;
  readonly region?: OneOrMore<string>;
  readonly source?: OneOrMore<string>;
  /** Registrable domain: "acme.co.uk". */
  readonly companyDomain?: OneOrMore<string>;
  readonly company?: OneOrMore<string>;
  readonly score?: OneOrMore<number | Range | "none">;
  readonly fields?: Readonly<Record<string, OneOrMore<Test>>>;
}

/** One condition, taken out of its `Conditions`: all of them must hold. */
export interface Condition {
  /** What the condition looks at, in words: "the country", or the name of a form field. */
  readonly subject: string;
  /** Whether a reason may name the lead's value. Free text never: the trail holds no personal data. */
  readonly nameable: boolean;
  readonly tests: readonly Test[];
  /** "not DE, AT or CH" */
  readonly missed: string;
  read(lead: Lead): unknown;
}

const SUBJECTS = [
  { key: "countryCode", subject: "the country", nameable: true },
  { key: "region", subject: "the region", nameable: true },
  { key: "source", subject: "the source", nameable: true },
  { key: "companyDomain", subject: "the company domain", nameable: true },
  { key: "company", subject: "the company name", nameable: false },
  { key: "score", subject: "the score", nameable: true },
] as const;

/** Takes conditions apart, the lead's own keys first. */
export function listConditions({ fields = {}, ...ofLead }: Conditions): readonly Condition[] {
  return [
    ...SUBJECTS.flatMap(({ key, ...about }) => {
      const wanted = ofLead[key];
      if (wanted === undefined) return [];
      return [
        {
          ...about,
          tests: [wanted].flat(),
          missed: describeAlternatives([wanted].flat()),
          read: (lead: Lead) => lead[key],
        },
      ];
    }),
    ...Object.entries(fields).map(([name, wanted]) => ({
      subject: name,
      nameable: false,
      tests: [wanted].flat(),
      missed: describeAlternatives([wanted].flat()),
      read: (lead: Lead) => (Object.hasOwn(lead.fields, name) ? lead.fields[name] : undefined),
    })),
  ];
}

/** Whether every condition holds, and why: all conditions that missed, or else what matched. */
export function judgeLead(
  conditions: readonly Condition[],
  lead: Lead,
): { readonly holds: boolean; readonly reason: string } {
  if (conditions.length === 0) return { holds: true, reason: "it takes every lead" };
  const matches: { condition: Condition; match: Match }[] = [];
  let misses = "";
  for (const condition of conditions) {
    const values = listValues(condition.read(lead));
    const match = findMatch(condition.tests, values);
    if (match) matches.push({ condition, match });
    else misses += (misses === "" ? "" : "; ") + explainMiss(condition, values);
  }
  // What matched is only put into words when all of it did: most rules miss, and these words would be thrown away.
  return misses === ""
    ? {
        holds: true,
        reason: matches.map(({ condition, match }) => explainMatch(condition, match)).join(" and "),
      }
    : { holds: false, reason: misses };
}
