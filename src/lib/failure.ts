/**
 * What a caught error means for the caller:
 * - `retryable`: the platform says that the call did not take effect and may be made again;
 * - `overloaded`: the same, but slow down;
 * - `permanent`: the same call will fail the same way for ever (a constraint, a bug, a poison lead);
 * - `unknown`: it may have taken effect or not. Release nothing, look again later.
 */
export type FailureClass = "retryable" | "overloaded" | "permanent" | "unknown";

// The platform's own words, from the D1 documentation ("Debug D1", retryable errors) and from its issue
// trackers; errors keep only their message across RPC, so the message is all there is to go by.
const OVERLOADED = /overloaded|too many requests queued/i;
const RETRYABLE =
  /Network connection lost|storage caused object to be reset|reset because its code was updated|Cannot resolve D1 DB due to transient issue/i;
// Not SQLITE_ERROR: "no such column" is a deploy whose code and schema disagree for a while, and every lead in flight would be
// given up for it.
const PERMANENT = /SQLITE_(CONSTRAINT|MISMATCH|TOOBIG)|constraint failed|malformed JSON/i;

/** Sorts an error into its class. What is not known for sure is `unknown`. */
export function classifyFailure(error: unknown): FailureClass {
  if (error instanceof PoisonError) return "permanent";
  const message = allMessages(error);
  if (flag(error, "overloaded") || OVERLOADED.test(message)) return "overloaded";
  if (flag(error, "retryable") || RETRYABLE.test(message)) return "retryable";
  if (PERMANENT.test(message)) return "permanent";
  return "unknown";
}

/** An error of the router's own making. Its message quotes nothing of a lead, so it may be stored and logged. */
export class RouterError extends Error {
  override readonly name: string = "RouterError";
}

/** Our own code, or a rule, failed on one lead: it will do so every time. */
export class PoisonError extends RouterError {
  override readonly name = "PoisonError";
}

function allMessages(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined
    ? error.message
    : `${error.message}; ${allMessages(error.cause)}`;
}

// What the platform says without quoting anybody's data. Other messages may: JSON.parse quotes its input, and an error that
// came over RPC is whatever the other side wrote.
const SAFE_TO_REPEAT = [
  /(?:CHECK|UNIQUE|NOT NULL|FOREIGN KEY) constraint failed(?:: [\w.()]+(?:, [\w.]+)*)?/,
  /no such (?:table|column): [\w.]+/,
  /Network connection lost/,
  /storage caused object to be reset/,
  /reset because its code was updated/,
  /Cannot resolve D1 DB due to transient issue/,
  /internal error(?:; reference = \w+)?/,
  /(?:D1 DB|Durable Object) is overloaded/,
  /too many SQL variables|string or blob too big|malformed JSON/,
  /The operation was aborted(?: due to timeout)?/,
  /the pod belongs to a later epoch/,
];

/** What went wrong, in words that quote no part of a lead, a statement or a secret: they are stored in the audit and logged. */
export function failureMessage(error: unknown): string {
  if (!(error instanceof Error)) return kindOf(error);
  if (error instanceof RouterError) return error.message;
  const message = allMessages(error);
  for (const safe of SAFE_TO_REPEAT) {
    const [said] = safe.exec(message) ?? [];
    if (said !== undefined) return said;
  }
  return kindOf(error);
}

/** The kind of what was thrown: "TypeError". An error's name is whatever somebody set it to, and so is only repeated if it looks like one. */
export function kindOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  return /^[A-Z][A-Za-z]{0,40}$/.test(error.name) ? error.name : "Error";
}

function flag(error: unknown, name: "overloaded" | "retryable"): boolean {
  return typeof error === "object" && error !== null && Reflect.get(error, name) === true;
}
