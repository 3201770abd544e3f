import type { Condition, Range, Test } from "./conditions.ts";
import { toNumber, type Match } from "./satisfy.ts";

// Reasons go into the append-only trail and to Slack. What is `nameable` is named; of any other value
// only the field's name and the rule's own bounds are said.

/** Longest value of a lead that a reason repeats, in characters: enough for any country, domain or campaign. */
const LONGEST_VALUE = 80;
/** Most values of a rule that a reason lists: beyond, a sentence is no help. */
const LONGEST_LIST = 6;

/** "the country is DE", "company_size is at most 50", "industry matches". */
export function explainMatch({ subject, nameable }: Condition, { test, value }: Match): string {
  if (value === undefined) return `${subject} is missing`;
  if (nameable) return `${subject} is ${clip(value)}`;
  return typeof test === "object" ? `${subject} is ${describeRange(test)}` : `${subject} matches`;
}

/** "the country is FR, not DE, AT or CH", "company_size is over 50", "industry does not match". */
export function explainMiss(
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

export function describeAlternatives(tests: readonly Test[]): string {
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
