/**
 * What a caught error means for whoever made the call:
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
const PERMANENT =
  /SQLITE_(CONSTRAINT|ERROR|MISMATCH|TOOBIG|RANGE)|constraint failed|malformed JSON/i;

/** Sorts an error into its class. What is not known for sure is `unknown`. */
export function classifyFailure(error: unknown): FailureClass {
  if (error instanceof PoisonError) return "permanent";
  const message = allMessages(error);
  if (flag(error, "overloaded") || OVERLOADED.test(message)) return "overloaded";
  if (flag(error, "retryable") || RETRYABLE.test(message)) return "retryable";
  if (PERMANENT.test(message)) return "permanent";
  return "unknown";
}

/** Our own code, or a rule, failed on one lead: it will do so every time. Carries no part of the lead. */
export class PoisonError extends Error {
  override readonly name = "PoisonError";
}

function allMessages(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined
    ? error.message
    : `${error.message}; ${allMessages(error.cause)}`;
}

/** The innermost message: Drizzle and others wrap the one that says what happened. */
export function failureMessage(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? failureMessage(error.cause) : error.message;
}

function flag(error: unknown, name: "overloaded" | "retryable"): boolean {
  return (
    typeof error === "object" && error !== null && (error as Record<string, unknown>)[name] === true
  );
}
