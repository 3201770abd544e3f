import type { CountryCode } from "./country-code.ts";
import type { Lead } from "./lead.ts";

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

export const SUBJECTS = [
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

/** A test that held. `value` is undefined when it asked for a missing value. */
export interface Match {
  readonly test: Test;
  readonly value: unknown;
}

/** The first of the values that satisfies one of the tests; no values at all is a missing value. */
export function findMatch(tests: readonly Test[], values: readonly unknown[]): Match | undefined {
  if (values.length === 0)
    return tests.includes("none") ? { test: "none", value: undefined } : undefined;
  for (const value of values)
    for (const test of tests) if (satisfies(value, test)) return { test, value };
  return undefined;
}

/** A value as a list, for forms send a name several times; what is null or blank was not sent. */
export function listValues(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value.filter(wasSent);
  return wasSent(value) ? [value] : NOTHING;
}

const NOTHING: readonly unknown[] = [];

function wasSent(value: unknown): boolean {
  return (
    value !== null && value !== undefined && !(typeof value === "string" && value.trim() === "")
  );
}

/** The number that a JSON number or a plain decimal numeral stands for, else null. */
function toNumber(value: unknown): number | null {
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  return typeof value === "string" && /^[+-]?\d+(\.\d+)?$/.test(value.trim())
    ? Number(value)
    : null;
}

function satisfies(value: unknown, test: Test): boolean {
  if (test === "none") return false;
  if (typeof test === "number") return toNumber(value) === test;
  if (typeof test === "object") {
    const number = toNumber(value);
    return number !== null && number >= (test.min ?? -Infinity) && number <= (test.max ?? Infinity);
  }
  return isScalar(value) && fold(value) === fold(test);
}

function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}

function fold(value: string | number | boolean): string {
  return String(value).trim().toLowerCase();
}

// Reasons go into the append-only trail and to Slack. What is `nameable` is named; of any other value
// only the field's name and the rule's own bounds are said.

/** Longest value of a lead that a reason repeats, in characters: enough for any country, domain or campaign. */
const LONGEST_VALUE = 80;
/** Most values of a rule that a reason lists: beyond, a sentence is no help. */
const LONGEST_LIST = 6;

/** "the country is DE", "company_size is at most 50", "industry matches". */
function explainMatch({ subject, nameable }: Condition, { test, value }: Match): string {
  if (value === undefined) return `${subject} is missing`;
  if (nameable) return `${subject} is ${clip(value)}`;
  return typeof test === "object" ? `${subject} is ${describeRange(test)}` : `${subject} matches`;
}

/** "the country is FR, not DE, AT or CH", "company_size is over 50", "industry does not match". */
function explainMiss(
  { subject, nameable, tests, missed }: Condition,
  values: readonly unknown[],
): string {
  const [value] = values;
  if (value === undefined) return `${subject} is missing`;
  const shown = nameable ? `${subject} is ${clip(value)}, ` : `${subject} is `;
  const [test] = tests;
  const single = tests.length === 1 && values.length === 1;
  if (single && typeof test === "object") return shown + describeDistance(value, test);
  if (tests.every((each) => each === "none")) return `${shown}not missing`;
  return nameable ? shown + missed : `${subject} does not match`;
}

function describeRange({ min, max }: Range): string {
  if (min === undefined) return `at most ${max}`;
  return max === undefined ? `at least ${min}` : `from ${min} to ${max}`;
}

function describeDistance(value: unknown, { min, max }: Range): string {
  const number = toNumber(value);
  if (number === null) return "not a number";
  return min !== undefined && number < min ? `under ${min}` : `over ${max}`;
}

function describeAlternatives(tests: readonly Test[]): string {
  if (tests.length > LONGEST_LIST) return `none of the ${tests.length} that the rule names`;
  const words = tests.map((test) => {
    if (test === "none") return "missing";
    return typeof test === "object" ? describeRange(test) : String(test);
  });
  const last = words.pop();
  return words.length === 0 ? `not ${last}` : `not ${words.join(", ")} or ${last}`;
}

function clip(value: unknown): string {
  const text = String(value).trim();
  if (text.length <= LONGEST_VALUE) return text;
  const characters = [...text];
  return characters.length <= LONGEST_VALUE
    ? characters.join("")
    : `${characters.slice(0, LONGEST_VALUE).join("")}…`;
}
