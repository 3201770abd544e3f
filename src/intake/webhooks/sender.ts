import { concatBytes, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { z } from "zod";
import { importHmacKey, isSameDigest, sha256Hex } from "../../lib/digest.ts";

// What every sender of webhooks has in common. Each is a file in senders/: how its signature is checked and its answers are read.

/** What a sender posted: all that its check and its reading need, so that a kept delivery can be accepted later as if it came now. */
export interface Delivery {
  /** As it came over the wire: what is signed is bytes. */
  readonly body: Uint8Array;
  /** Those that the adapter reads, by their names in lower case. One that was sent twice has its values joined by ", ". */
  readonly headers: Readonly<Record<string, string>>;
  /** SHA-256, as hex, of the secret at the end of the path; null = there was none. */
  readonly pathSecret: string | null;
}

/** What a check needs beside the delivery. */
interface Proof {
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
  /** None of the secrets can be used in this scheme: our own mistake. */
  | "unusable_secret";

/** One answer of a submission. */
export interface Entry {
  /** What it is called, the most telling first: a reference that a person chose, the question's words. */
  readonly names: readonly [string, ...string[]];
  readonly value: unknown;
  /** What the sender knows it to be, whatever it is called. */
  readonly kind?: "email" | "phone";
}

/** One lead in a delivery. */
export interface SentLead {
  /** The sender's own id: the same however often it is delivered. Unique within the source. */
  readonly id: string;
  readonly entries: readonly Entry[];
  /** The sender tries its webhook out: reps must not see it. Default: false. */
  readonly isTest?: boolean;
}

/** What a delivery says. */
export type Reading =
  | readonly SentLead[]
  /** Why nothing in it makes a lead: a meeting was called off, a form is half filled in. */
  | { readonly ignored: string }
  /** It is not of the sender's shape. */
  | "unreadable";

/** What is known of one sender's webhooks. Pure: it reads no clock and calls nobody. */
export interface Adapter {
  /** The headers that `findDoubt` and `read` look at, in lower case. */
  readonly headers: readonly string[];
  /** Null when the sender sent this. Takes the same time wherever a signature differs. */
  findDoubt(delivery: Delivery, proof: Proof): Promise<Doubt | null>;
  /** What the body says, parsed by `parseBody`. Never throws. */
  read(payload: unknown, delivery: Delivery): Reading;
  /** A body without the secret that it holds; for senders that put it there. */
  conceal?(body: string): string;
}

/** Entries of an object: each property under its own name. */
export function entriesOf(object: Readonly<Record<string, unknown>>): Entry[] {
  return Object.entries(object).map(([name, value]) => ({ names: [name], value }));
}

/** The names of a question without those that are empty. */
export function namesOf(...names: readonly string[]): Entry["names"] {
  const [first = "question", ...others] = names.filter((name) => name !== "");
  return [first, ...others];
}

/** A list without the items that do not have the shape: one odd answer is not a reason to lose the others. Anything else is an empty list. */
export function listOf<Item>(item: z.ZodType<Item>) {
  return z
    .array(z.unknown())
    .catch([])
    .transform((all) =>
      all.flatMap((one): Item[] => {
        const read = item.safeParse(one);
        return read.success ? [read.data] : [];
      }),
    );
}

/** How far a delivery's own time may lie from ours, in milliseconds: what the schemes that carry one advise. */
const WINDOW_MS = 5 * 60_000;

/** Whether an instant that the sender wrote down is about now. Both in milliseconds since the epoch. */
export function isOfNow(instant: number, now: number): boolean {
  return Math.abs(now - instant) <= WINDOW_MS;
}

// 32 bytes: an HMAC-SHA256.
const HEX = /^[0-9a-f]{64}$/i;
const BASE64 = /^[A-Za-z0-9+/]{43}=$/;

/** The bytes of a signature in hex, in either case; null when it is not one. */
export function decodeHex(text: string): Uint8Array | null {
  return HEX.test(text) ? hexToBytes(text) : null;
}

/** The bytes of a signature in base64; null when it is not one. */
export function decodeBase64(text: string): Uint8Array | null {
  return BASE64.test(text) ? Uint8Array.from(atob(text), (byte) => byte.charCodeAt(0)) : null;
}

/** Null when one of the secrets made this HMAC-SHA256 of these parts, put together. A signature of null is malformed. */
export async function doubtOfHmac(
  secrets: readonly (string | Uint8Array)[],
  signature: Uint8Array | null,
  ...signed: readonly (string | Uint8Array)[]
): Promise<"malformed" | "mismatch" | null> {
  if (signature === null) return "malformed";
  const text = concatBytes(...signed.map(toBytes));
  for (const secret of secrets) {
    const key = await importHmacKey(toBytes(secret), "verify");
    // The platform's own comparison, which takes the same time wherever the two differ.
    if (await crypto.subtle.verify("HMAC", key, signature, text)) return null;
  }
  return "mismatch";
}

function toBytes(part: string | Uint8Array): Uint8Array {
  return typeof part === "string" ? utf8ToBytes(part) : part;
}

/** Null when one of the secrets has this SHA-256, in hex. Takes the same time wherever they differ. */
export function doubtOfDigest(secrets: readonly string[], digest: string): "mismatch" | null {
  const presented = utf8ToBytes(digest);
  const same = secrets.map((secret) => isSameDigest(utf8ToBytes(sha256Hex(secret)), presented));
  return same.includes(true) ? null : "mismatch";
}
