import { concatBytes, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { importHmacKey, isSameDigest, sha256Hex } from "../../lib/digest.ts";
import { doubtful, GENUINE, type Verdict } from "./adapter.ts";

/** How far a delivery's own time may lie from ours, in milliseconds: what the schemes that carry one advise. */
const WINDOW_MS = 5 * 60_000;

// 32 bytes: an HMAC-SHA256.
const HEX = /^[0-9a-f]{64}$/i;
const BASE64 = /^[A-Za-z0-9+/]{43}=$/;

/** The bytes of a signature in hex, in whichever case; null when it is none. */
export function decodeHex(text: string): Uint8Array | null {
  return HEX.test(text) ? hexToBytes(text) : null;
}

/** The bytes of a signature in base64; null when it is none. */
export function decodeBase64(text: string): Uint8Array | null {
  return BASE64.test(text) ? Uint8Array.from(atob(text), (byte) => byte.charCodeAt(0)) : null;
}

/** Whether one of the secrets made this HMAC-SHA256 of these parts, put together. A signature of null is none. */
export async function verifyHmac(
  secrets: readonly (string | Uint8Array)[],
  signature: Uint8Array | null,
  ...signed: readonly (string | Uint8Array)[]
): Promise<Verdict> {
  if (signature === null) return doubtful("malformed");
  const text = concatBytes(...signed.map(toBytes));
  for (const secret of secrets) {
    const key = await importHmacKey(toBytes(secret), "verify");
    // The platform's own comparison, which takes the same time wherever the two differ.
    if (await crypto.subtle.verify("HMAC", key, signature, text)) return GENUINE;
  }
  return doubtful("mismatch");
}

function toBytes(part: string | Uint8Array): Uint8Array {
  return typeof part === "string" ? utf8ToBytes(part) : part;
}

/** Whether an instant that the sender wrote down is about now. Both in milliseconds since the epoch. */
export function isOfNow(instant: number, now: number): boolean {
  return Math.abs(now - instant) <= WINDOW_MS;
}

/** Whether one of the secrets has this SHA-256, in hex. Takes the same time wherever they differ. */
export function verifyDigest(secrets: readonly string[], digest: string): Verdict {
  const presented = utf8ToBytes(digest);
  let known = false;
  for (const secret of secrets) {
    const same = isSameDigest(utf8ToBytes(sha256Hex(secret)), presented);
    if (same) known = true;
  }
  return known ? GENUINE : doubtful("mismatch");
}
