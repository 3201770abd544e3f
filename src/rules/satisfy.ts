import type { Test } from "./conditions.ts";

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
export function toNumber(value: unknown): number | null {
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
