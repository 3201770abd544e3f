import type { FieldError } from "./normalise.ts";

/** Why a submission is not taken, in the terms of the answer. */
export interface Refusal {
  readonly ok: false;
  readonly status: 400 | 413 | 415 | 422 | 500 | 503;
  /** Never empty: form clients take an empty list for an error without a message. */
  readonly errors: readonly [FieldError, ...FieldError[]];
}

export function refuse(status: Refusal["status"], ...errors: Refusal["errors"]): Refusal {
  return { ok: false, status, errors };
}
