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

/** A fault of ours. */
export const FAILED = refuse(500, {
  code: "FAILED",
  message: "Something went wrong on our side. Please try again.",
});
