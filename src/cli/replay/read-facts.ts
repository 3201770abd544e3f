import { isRecord, type JsonRecord } from "../../lib/json.ts";
import type { Span } from "../../ports/roster.ts";
import { WEEKDAYS, type WorkingHours } from "../../ports/roster.ts";
import type { MemberFacts, RepFacts } from "./configuration.ts";

// From JSON, as the API and the audit events have it, to what the replay reckons with.

/** @throws {Error} naming the value that is not what the API says it is */
export function readRep(facts: JsonRecord): RepFacts {
  const workingHours = facts["workingHours"] ?? null;
  if (workingHours !== null && !isWorkingHours(workingHours))
    throw new Error(`"workingHours" are none`);
  return {
    timeZone: readText(facts, "timeZone"),
    workingHours,
    dailyCap: readNumber(facts, "dailyCap"),
    active: facts["active"] !== false,
  };
}

/** @throws {Error} as `readRep` */
export function readMember(facts: JsonRecord): MemberFacts {
  return {
    weight: readNumber(facts, "weight") ?? 1,
    dailyCap: readNumber(facts, "dailyCap"),
    openCap: readNumber(facts, "openCap"),
    joinedAt: readInstant(facts, "joinedAt"),
  };
}

/** @throws {Error} as `readRep` */
export function readSpan(facts: JsonRecord): Span {
  return { from: readInstant(facts, "from"), until: readInstant(facts, "until") };
}

/** @throws {Error} when it is no text */
export function readText(record: JsonRecord, key: string): string {
  const value = record[key];
  if (typeof value !== "string") throw new Error(`"${key}" is no text`);
  return value;
}

/** Null when it is missing. @throws {Error} when it is anything but text */
export function readTextOrNull(record: JsonRecord, key: string): string | null {
  return (record[key] ?? null) === null ? null : readText(record, key);
}

/** Null when it is missing. @throws {Error} when it is anything but a number */
export function readNumber(record: JsonRecord, key: string): number | null {
  const value = record[key] ?? null;
  if (value !== null && typeof value !== "number") throw new Error(`"${key}" is no number`);
  return value;
}

/** An ISO 8601 instant as milliseconds since the epoch. @throws {Error} when it is none */
export function readInstant(record: JsonRecord, key: string): number {
  const at = Date.parse(readText(record, key));
  if (Number.isNaN(at)) throw new Error(`"${key}" is no instant`);
  return at;
}

function isWorkingHours(value: unknown): value is WorkingHours {
  return isRecord(value) && WEEKDAYS.every((day) => Array.isArray(value[day] ?? []));
}
