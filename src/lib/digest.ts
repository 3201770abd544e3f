import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";

/** SHA-256, as 64 hexadecimal digits. Synchronous, unlike WebCrypto's: some of it is taken while a module loads. */
export function sha256Hex(data: string | Uint8Array): string {
  return bytesToHex(sha256(typeof data === "string" ? utf8ToBytes(data) : data));
}

/** Whether two digests are the same. Takes the same time wherever they differ. */
export function isSameDigest(one: Uint8Array, other: Uint8Array): boolean {
  let difference = one.length ^ other.length;
  for (const [at, byte] of one.entries()) difference |= byte ^ (other[at] ?? 0);
  return difference === 0;
}

/** A key of HMAC-SHA256, as WebCrypto takes it. */
export async function importHmacKey(bytes: Uint8Array, usage: "sign" | "verify") {
  return await crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, [
    usage,
  ]);
}

const SECRET = /^(?:whsec_)?(?<base64>[A-Za-z0-9+/]+={0,2})$/;

/** The key that a secret of Standard Webhooks is: `whsec_` and base64, or base64 alone; null when it is neither. */
export function readSigningKey(secret: string): Uint8Array | null {
  const base64 = SECRET.exec(secret)?.groups?.["base64"];
  if (base64 === undefined) return null;
  try {
    return Uint8Array.from(atob(base64), (byte) => byte.charCodeAt(0));
  } catch {
    // Letters of base64, and yet none: as good as not set.
    return null;
  }
}
