import { refuse } from "./refusal.ts";
import type { Refusal } from "./refusal.ts";

// 255 characters is Stripe's limit, which client libraries keep to; what is not visible ASCII would not survive as a header.
const KEY = /^[\x21-\x7e]{1,255}$/;

/** The `Idempotency-Key` of a request; null when none was sent. Refuses with 400 what is no key. */
export function readIdempotencyKey(
  headers: Headers,
): { readonly ok: true; readonly key: string | null } | Refusal {
  const key = headers.get("Idempotency-Key");
  if (key === null || KEY.test(key)) return { ok: true, key };
  return refuse(400, {
    code: "TYPE_TEXT",
    field: "Idempotency-Key",
    message: "should be 1 to 255 visible ASCII characters",
  });
}
