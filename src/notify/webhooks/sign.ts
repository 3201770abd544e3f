import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { importHmacKey } from "../../lib/digest.ts";

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
      const key = await importHmacKey(bytes, "sign");
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
