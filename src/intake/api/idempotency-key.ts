import { sha256Hex } from "../../lib/digest.ts";
import { refuse } from "./refusal.ts";
import type { Refusal } from "./refusal.ts";

// 255 characters is Stripe's limit, which client libraries keep to; what is not visible ASCII would not survive as a header.
const KEY = /^[\x21-\x7e]{1,255}$/;

/**
 * The digest of a request's `Idempotency-Key`; null when none was sent. Refuses with 400 what is no key. Only the SHA-256
 * of the key is stored: it outlives the person's erasure (or a retry in flight would bring the person back), and some
 * clients put an address into it.
 * @param door which form it came to: each has keys of its own. Left out = POST /leads, or the API
 */
export function readIdempotencyKey(
  headers: Headers,
  door: string | null = null,
): { readonly ok: true; readonly key: string | null } | Refusal {
  const key = headers.get("Idempotency-Key");
  if (key === null) return { ok: true, key };
  if (KEY.test(key)) {
    // NUL can stand in no header, so that no other door's key is ever the same.
    const scoped = door === null ? key : ["form", door, key].join("\0");
    return { ok: true, key: sha256Hex(scoped) };
  }
  return refuse(400, {
    code: "TYPE_TEXT",
    field: "Idempotency-Key",
    message: "should be 1 to 255 visible ASCII characters",
  });
}
