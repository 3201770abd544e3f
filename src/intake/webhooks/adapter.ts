import type { Entry } from "./name-fields.ts";

/** What a sender posted: all that its check and its reading need, so that a kept delivery can be taken later as if it came now. */
export interface Delivery {
  /** As it came over the wire: what is signed is bytes. */
  readonly body: Uint8Array;
  /** Those that the adapter reads, by their names in lower case. One that was sent twice has its values joined by ", ". */
  readonly headers: Readonly<Record<string, string>>;
  /** SHA-256, as hex, of the secret at the end of the path; null = there was none. */
  readonly pathSecret: string | null;
}

/** What a check needs beside the delivery. */
export interface Proof {
  /** The values of the source's secrets that are set: one or two. Either will do. */
  readonly secrets: readonly string[];
  /** The instant at which the delivery came, in milliseconds since the epoch. */
  readonly now: number;
  /** The URL that the sender signs; null where it signs none. */
  readonly url: string | null;
}

/** Why a delivery is not known to be the sender's. The words go into the log, so they quote nothing. */
export type Doubt =
  | "missing"
  | "malformed"
  /** Signed more than five minutes before or after it came. */
  | "not_of_now"
  | "mismatch"
  /** No secret can be used as this scheme's: our own mistake. */
  | "unusable_secret";

export type Verdict = { readonly ok: true } | { readonly ok: false; readonly doubt: Doubt };

/** One lead in a delivery. */
export interface Submission {
  /** The sender's own id: the same however often it is delivered. Unique within the source. */
  readonly id: string;
  readonly entries: readonly Entry[];
  /** The sender tries its webhook out: no rep is to see it. Default: false. */
  readonly isTest?: boolean;
}

/** What a delivery says. */
export type Reading =
  | { readonly outcome: "submissions"; readonly submissions: readonly Submission[] }
  /** Nothing that makes a lead: a meeting was called off, a form is half filled in. */
  | { readonly outcome: "ignored"; readonly why: string }
  /** Not of the sender's shape. */
  | { readonly outcome: "unreadable" };

/** What is known of one sender's webhooks. Pure: it reads no clock and asks nobody. */
export interface Adapter {
  /** The headers that `verify` and `read` look at, in lower case. */
  readonly headers: readonly string[];
  /** Whether the sender sent this. Takes the same time wherever a signature differs. */
  verify(delivery: Delivery, proof: Proof): Promise<Verdict>;
  /** What the body says, parsed (parse-json.ts). Never throws. */
  read(payload: unknown, delivery: Delivery): Reading;
  /** A body without the secret that it holds; for senders that put it there. */
  conceal?(body: string): string;
}

export const UNREADABLE: Reading = { outcome: "unreadable" };
export const GENUINE: Verdict = { ok: true };

export function doubtful(doubt: Doubt): Verdict {
  return { ok: false, doubt };
}
