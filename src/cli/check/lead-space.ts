import codes from "i18n-iso-countries/codes.json" with { type: "json" };
import {
  type Conditions,
  findMatch,
  listValues,
  type Range,
  SUBJECTS,
  type Test,
} from "../../rules/conditions.ts";
import type { Lead } from "../../rules/lead.ts";
import type { Pod } from "../../rules/pod.ts";
import type { Rule } from "../../rules/rule.ts";

// Conditions see few differences between values: every country that none of them names is the same to them, and so is
// every score between two of their bounds. One value of each kind stands for all of its kind, so that a
// question about all leads is one about a handful, and the router's own code answers it.

/** A rule that decides by conditions alone, so that it can be reasoned about. */
export interface ConditionalRule extends Pick<Rule, "name" | "kind"> {
  readonly pod: Pod;
  readonly conditions: Conditions;
}

/** The rules that decide by conditions, in the order they are tried; the fallback is one without any. */
export function listConditionalRules(rules: readonly Rule[]): readonly ConditionalRule[] {
  return rules.flatMap(({ name, kind, pod, definition }) =>
    pod !== null && hasConditions(definition)
      ? [{ name, kind, pod, conditions: definition.conditions }]
      : [],
  );
}

// The conditions were checked when the rule was made: see checkConditions.
function hasConditions(definition: object): definition is { readonly conditions: Conditions } {
  return "conditions" in definition && typeof definition.conditions === "object";
}

/** Whether something holds of all leads. `example` is a lead of which it does not. */
export type Answer =
  | { readonly answer: "yes" }
  | { readonly answer: "no"; readonly example: Partial<Lead> }
  /** Too many cases to go through. */
  | { readonly answer: "unknown" };

/** Leads as some conditions see them: leads that differ in nothing these look at are one and the same. */
export interface LeadSpace {
  /**
   * Whether every lead that meets `wanted` also meets one of `others`. Exact, unless there are too many cases: a form field
   * that was sent several times meets no less than the one value of it that `wanted` asks for, so single values are
   * enough to find an exception.
   */
  isCovered(wanted: Conditions, others: readonly Conditions[]): Answer;
  /** Whether some lead meets both. A form field that was sent several times can meet two tests at once. */
  canMeetBoth(one: Conditions, other: Conditions): boolean;
}

/** What a condition looks at: a key of the lead, or a form field. */
export interface Subject {
  readonly key: (typeof SUBJECTS)[number]["key"] | "fields";
  /** The form field's name, as it was sent, where the key is "fields". */
  readonly field: string | null;
  /** In a sentence: "the score", `the field "company_size"`. No two subjects have the same. */
  readonly name: string;
  readonly tests: readonly Test[];
}

/** A subject with a value for every difference that the conditions can see in it. */
interface Axis extends Subject {
  readonly values: readonly unknown[];
}

/** Leads, one set of values per axis: bit n stands for the axis's value n. A lead is in it if all of its values are. */
type Region = readonly bigint[];

/** The first value of every axis is the missing one. */
const MISSING = 1n;
/** Steps of a comparison before it gives up: far more than a chain of a hundred rules needs, and well under a second. */
const MOST_STEPS = 50_000;

/** @param all contains every test that will be asked about */
export function openLeadSpace(all: readonly Conditions[]): LeadSpace {
  const axes = listAxes(all);
  const known = new Map<Conditions, Region>();
  const locate = (conditions: Conditions): Region => {
    const region = known.get(conditions) ?? regionOf(axes, conditions);
    known.set(conditions, region);
    return region;
  };
  return {
    isCovered: (wanted, others) => findOutside(axes, locate(wanted), others.map(locate)),
    canMeetBoth(one, other) {
      const [first, second] = [locate(one), locate(other)];
      return axes.every(({ key }, at) => {
        const [a, b] = [first[at] ?? 0n, second[at] ?? 0n];
        return (a & b) !== 0n || (key === "fields" && a > MISSING && b > MISSING);
      });
    },
  };
}

/** As `LeadSpace.isCovered`, for a single question. */
export function isCovered(wanted: Conditions, others: readonly Conditions[]): Answer {
  return openLeadSpace([wanted, ...others]).isCovered(wanted, others);
}

/** The subjects of conditions, each with what it may be. */
export function listSubjects({ fields = {}, ...ofLead }: Conditions): readonly Subject[] {
  return [
    ...SUBJECTS.flatMap(({ key, subject: name }) => {
      const wanted = ofLead[key];
      return wanted === undefined ? [] : [{ key, field: null, name, tests: [wanted].flat() }];
    }),
    ...Object.entries(fields).map(([field, wanted]) => ({
      key: "fields" as const,
      field,
      name: `the field "${field}"`,
      tests: [wanted].flat(),
    })),
  ];
}

function listAxes(all: readonly Conditions[]): readonly Axis[] {
  const subjects = new Map<string, Subject>();
  for (const subject of all.flatMap(listSubjects)) {
    const earlier = subjects.get(subject.name)?.tests ?? [];
    subjects.set(subject.name, { ...subject, tests: [...earlier, ...subject.tests] });
  }
  return [...subjects.values()].map((subject) => ({ ...subject, values: sampleValues(subject) }));
}

function regionOf(axes: readonly Axis[], conditions: Conditions): Region {
  const tests = new Map(listSubjects(conditions).map((subject) => [subject.name, subject.tests]));
  return axes.map(({ name, values }) => {
    const wanted = tests.get(name);
    const isIn = (value: unknown) => wanted === undefined || isAskedFor(value, wanted);
    return values.reduce<bigint>(
      (set, value, at) => (isIn(value) ? set | (1n << BigInt(at)) : set),
      0n,
    );
  });
}

/** Takes the other regions out of the wanted one, one after the other: a lead that is left is an exception. */
function findOutside(axes: readonly Axis[], wanted: Region, others: readonly Region[]): Answer {
  const open = [{ region: wanted, passed: 0 }];
  for (let steps = 0; steps < MOST_STEPS; steps++) {
    const next = open.pop();
    if (next === undefined) return { answer: "yes" };
    const other = others[next.passed];
    if (other === undefined) return { answer: "no", example: pickLead(axes, next.region) };
    for (const region of subtract(next.region, other))
      open.push({ region, passed: next.passed + 1 });
  }
  return { answer: "unknown" };
}

/** What of a region lies outside another, in pieces that do not overlap. */
function subtract(region: Region, other: Region): Region[] {
  const pieces: Region[] = [];
  let inside = region;
  for (const [at, set] of other.entries()) {
    const mine = inside[at] ?? 0n;
    const outside = mine & ~set;
    if (outside !== 0n) pieces.push(inside.with(at, outside));
    if ((mine & set) === 0n) return pieces;
    inside = inside.with(at, mine & set);
  }
  return pieces;
}

/** A lead of the region; a value that was sent makes a better example than a missing one. */
function pickLead(axes: readonly Axis[], region: Region): Partial<Lead> {
  const fields: Record<string, unknown> = {};
  const lead: Partial<Lead> = { fields };
  for (const [at, { key, field, values }] of axes.entries()) {
    const set = region[at] ?? 0n;
    const value = values.findLast((_value, bit) => ((set >> BigInt(bit)) & 1n) === 1n);
    if (field === null) Object.assign(lead, { [key]: value ?? null });
    else fields[field] = value;
  }
  return lead;
}

/** A value for every difference that these tests can see in the subject; undefined is a missing value. */
function sampleValues({ key, tests }: Subject): readonly unknown[] {
  const texts = listTexts(tests);
  switch (key) {
    case "countryCode": {
      const other = codes.find(([alpha2]) => alpha2 !== undefined && !texts.includes(alpha2));
      return [undefined, ...texts, ...(other?.slice(0, 1) ?? [])];
    }
    case "score":
      return [undefined, ...sampleNumbers(tests)];
    case "fields": {
      const numbers = sampleNumbers(tests).map((number) => spellUnlike(number, tests));
      return [undefined, ...texts, ...numbers, otherText(tests)];
    }
    default:
      return [undefined, ...texts, otherText(tests)];
  }
}

/** The texts among the tests, each once: conditions compare trimmed and without regard to case. */
function listTexts(tests: readonly Test[]): readonly string[] {
  const texts = tests.filter((test) => typeof test === "string" || typeof test === "boolean");
  const named = texts.filter((test) => test !== "none").map(String);
  return [...new Map(named.map((text) => [text.trim().toLowerCase(), text])).values()];
}

/** A text that no test asks for. */
function otherText(tests: readonly Test[]): string {
  let text = "something else";
  while (isAskedFor(text, tests)) text += "?";
  return text;
}

/** Every bound of the tests, a number between each two neighbours, one below all and one above all. */
function sampleNumbers(tests: readonly Test[]): readonly number[] {
  const all = tests.filter(isNumeric).flatMap((test) => Object.values(endsOf(test)));
  const bounds = [...new Set(all.filter(Number.isFinite))].toSorted((a, b) => a - b);
  const [lowest, highest] = [bounds[0], bounds.at(-1)];
  if (lowest === undefined || highest === undefined) return [0];
  const between = bounds.slice(1).map((bound, at) => betweenTwo(bounds[at] ?? bound, bound));
  return [stepDown(lowest), ...bounds, ...between, -stepDown(-highest)].filter(
    (number, at, numbers) => Number.isFinite(number) && numbers.indexOf(number) === at,
  );
}

/** The whole number nearest to the middle where one lies between, for that is what an example should show. */
export function betweenTwo(low: number, high: number): number {
  const middle = low + (high - low) / 2;
  const whole = Math.floor(middle);
  return whole > low && whole < high ? whole : middle;
}

function stepDown(bound: number): number {
  const step = bound - 1;
  return step < bound ? step : bound * (bound < 0 ? 2 : 0.5);
}

/** A number as a form may send it, in a spelling that no text among the tests asks for: 50, "50.0", "50.00". */
function spellUnlike(number: number, tests: readonly Test[]): number | string {
  const texts = tests.filter((test) => typeof test === "string");
  if (!isAskedFor(String(number), texts)) return number;
  let spelling = Number.isInteger(number) ? `${number}.0` : `${number}0`;
  while (isAskedFor(spelling, texts)) spelling += "0";
  return spelling;
}

/** Whether one of the tests holds for the value. */
function isAskedFor(value: unknown, tests: readonly Test[]): boolean {
  return findMatch(tests, listValues(value)) !== undefined;
}

/** Whether a test is about numbers. */
export function isNumeric(test: Test): test is number | Range {
  return typeof test === "number" || typeof test === "object";
}

/** The lowest and the highest number that meet a test. */
export function endsOf(test: number | Range): { readonly min: number; readonly max: number } {
  return typeof test === "number"
    ? { min: test, max: test }
    : { min: test.min ?? -Infinity, max: test.max ?? Infinity };
}
