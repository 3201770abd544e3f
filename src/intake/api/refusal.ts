import type { FieldError } from "./normalise.ts";

/** Why a submission is not taken, in the terms of the answer. */
export interface Refusal {
  readonly ok: false;
  readonly status: 400 | 403 | 404 | 410 | 413 | 415 | 422 | 429 | 500 | 503;
  /** Never empty: form clients take an empty list for an error without a message. */
  readonly errors: readonly [FieldError, ...FieldError[]];
}

export function refuse(status: Refusal["status"], ...errors: Refusal["errors"]): Refusal {
  return { ok: false, status, errors };
}

/** Neither D1 nor the queue took it. */
export const UNAVAILABLE = refuse(503, {
  code: "UNAVAILABLE",
  message: "The form could not be stored just now. Please try again in a moment.",
});

/** What was sent under this key before was something else, and is kept; this is not. */
export const KEY_REUSED = refuse(422, {
  code: "IDEMPOTENCY_KEY_REUSED",
  field: "Idempotency-Key",
  message: "was sent with something else before: take a new one for each submission",
});

/** A fault of ours. */
export const FAILED = refuse(500, {
  code: "FAILED",
  message: "Something went wrong on our side. Please try again.",
});
