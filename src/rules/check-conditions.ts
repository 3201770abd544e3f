import { isRecord } from "../lib/json.ts";
import { isCountryCode } from "./country-code.ts";

// The types refuse all of this already, but wrangler deploys without asking the compiler.

const TEXT_KEYS = new Set(["region", "source", "companyDomain", "company"]);

/**
 * Checks a rule's conditions when rules.ts loads.
 * @param owner the rule as the message names it: `territory "DACH"`
 * @throws {Error} that names the rule and the condition: unknown key, wrong type, empty list, impossible range
 */
export function checkConditions(owner: string, conditions: unknown): void {
  if (!isRecord(conditions)) throw new Error(`${owner}: its conditions are not an object`);
  for (const [key, wanted] of Object.entries(conditions)) {
    const what = `${owner}: "${key}"`;
    if (key === "countryCode") checkTests(what, wanted, checkCountry);
    else if (TEXT_KEYS.has(key)) checkTests(what, wanted, checkText);
    else if (key === "score") checkTests(what, wanted, checkNumber);
    else if (key === "fields") checkFields(owner, wanted);
    else
      throw new Error(
        `${what} is nothing a rule can look at; anything else a form sent goes under "fields"`,
      );
  }
}

function checkFields(owner: string, fields: unknown): void {
  if (!isRecord(fields)) throw new Error(`${owner}: "fields" is not an object`);
  for (const [name, wanted] of Object.entries(fields))
    checkTests(`${owner}: field "${name}"`, wanted, checkAny);
}

function checkTests(
  what: string,
  wanted: unknown,
  check: (what: string, test: unknown) => void,
): void {
  if (!Array.isArray(wanted)) return check(what, wanted);
  if (wanted.length === 0) throw new Error(`${what} is an empty list, which no lead can satisfy`);
  for (const test of wanted) check(what, test);
}

function checkCountry(what: string, test: unknown): void {
  if (test !== "none" && !isCountryCode(test)) {
    throw new Error(
      `${what} must be ISO 3166-1 alpha-2 codes in capitals, or "none"; ${show(test)} is neither`,
    );
  }
}

function checkText(what: string, test: unknown): void {
  if (typeof test !== "string")
    throw new Error(`${what} must be text or "none", not ${show(test)}`);
  if (test.trim() === "") throw new Error(`${what} is blank; a missing value is written "none"`);
}

function checkNumber(what: string, test: unknown): void {
  if (test === "none") return;
  if (isRecord(test)) return checkRange(what, test);
  if (!Number.isFinite(test))
    throw new Error(`${what} must be a number, a range or "none", not ${show(test)}`);
}

function checkAny(what: string, test: unknown): void {
  if (typeof test === "boolean") return;
  if (typeof test === "string") checkText(what, test);
  else checkNumber(what, test);
}

function checkRange(what: string, range: Readonly<Record<string, unknown>>): void {
  const ends = Object.entries(range);
  if (ends.length === 0) throw new Error(`${what} is an empty range; give it "min", "max" or both`);
  for (const [end, bound] of ends) {
    if (end !== "min" && end !== "max")
      throw new Error(`${what} is a range with "${end}"; it can have "min" and "max"`);
    if (!Number.isFinite(bound)) {
      throw new Error(
        `${what} is an impossible range: its ${end} is ${show(bound)}; leave an open end out`,
      );
    }
  }
  if (Number(range["min"]) > Number(range["max"])) {
    throw new Error(
      `${what} is an impossible range: its min ${show(range["min"])} is over its max ${show(range["max"])}`,
    );
  }
}

function show(value: unknown): string {
  return typeof value === "number" ? String(value) : (JSON.stringify(value) ?? String(value));
}
