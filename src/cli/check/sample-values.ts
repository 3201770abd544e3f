import codes from "i18n-iso-countries/codes.json" with { type: "json" };
import { findMatch, listValues, type Range, type Test } from "../../rules/conditions.ts";

// Conditions see few differences between values: every country that none of them names is the same to them, and so is
// every score between two of their bounds. One value of each kind stands for all of its kind, so that a
// question about all leads is one about a handful, and the router's own code answers it.

/** What a condition looks at: a key of the lead, or a form field by the name it was sent under. */
export interface Subject {
  readonly key:
    | "countryCode"
    | "region"
    | "source"
    | "companyDomain"
    | "company"
    | "score"
    | "fields";
  /** The form field's name where the key is "fields". */
  readonly field: string | null;
}

/** A value for every difference that these tests can see in the subject; undefined is a missing value. */
export function sampleValues({ key }: Subject, tests: readonly Test[]): readonly unknown[] {
  const texts = listTexts(tests);
  switch (key) {
    case "countryCode":
      return [undefined, ...texts, ...otherCountry(texts)];
    case "score":
      return [undefined, ...sampleNumbers(tests)];
    case "fields":
      return [
        undefined,
        ...texts,
        ...sampleNumbers(tests).map((number) => spellUnlike(number, tests)),
        otherText(tests),
      ];
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

function otherCountry(named: readonly string[]): string[] {
  const other = codes.find(([alpha2]) => alpha2 !== undefined && !named.includes(alpha2))?.[0];
  return other === undefined ? [] : [other];
}

/** A text that no test asks for. */
function otherText(tests: readonly Test[]): string {
  let text = "something else";
  while (isAskedFor(text, tests)) text += "?";
  return text;
}

/** Every bound of the tests, a number between each two neighbours, one below all and one above all. */
function sampleNumbers(tests: readonly Test[]): readonly number[] {
  const bounds = [...new Set(tests.flatMap(listBounds))].toSorted((a, b) => a - b);
  const [lowest, highest] = [bounds[0], bounds.at(-1)];
  if (lowest === undefined || highest === undefined) return [0];
  const between = bounds.slice(1).map((bound, at) => betweenTwo(bounds[at] ?? bound, bound));
  return [stepDown(lowest), ...bounds, ...between, -stepDown(-highest)].filter(
    (number, at, all) => Number.isFinite(number) && all.indexOf(number) === at,
  );
}

function listBounds(test: Test): number[] {
  if (typeof test === "number") return [test];
  if (typeof test !== "object") return [];
  return [test.min, test.max].filter((bound) => bound !== undefined);
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
export function isAskedFor(value: unknown, tests: readonly Test[]): boolean {
  return findMatch(tests, listValues(value)) !== undefined;
}

/** Whether a test is about numbers. */
export function isNumeric(test: Test): test is number | Range {
  return typeof test === "number" || typeof test === "object";
}
