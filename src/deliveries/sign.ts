import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";

const SECRET = /^(?:whsec_)?(?<base64>[A-Za-z0-9+/]+={0,2})$/;
const HMAC = { name: "HMAC", hash: "SHA-256" };

/** The key that a secret is: `whsec_` and base64, or base64 alone; null when it is neither. */
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

/** The headers of Standard Webhooks: one `v1` signature a key. @param at milliseconds since the epoch, of this very try */
export async function sign(
  keys: readonly Uint8Array[],
  id: string,
  at: number,
  body: Uint8Array,
): Promise<Readonly<Record<string, string>>> {
  const timestamp = String(Math.floor(at / 1000));
  const signed = concatBytes(utf8ToBytes(`${id}.${timestamp}.`), body);
  const signatures = await Promise.all(
    keys.map(async (bytes) => {
      const key = await crypto.subtle.importKey("raw", bytes, HMAC, false, ["sign"]);
      const mac = new Uint8Array(await crypto.subtle.sign("HMAC", key, signed));
      return `v1,${btoa(String.fromCharCode(...mac))}`;
    }),
  );
  return {
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    "webhook-signature": signatures.join(" "),
  };
}
