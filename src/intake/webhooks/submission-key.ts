import { sha256Hex } from "../../lib/digest.ts";

/**
 * The idempotency key of a submission, as it is stored: however often the sender delivers it, it is one lead. NUL can stand in
 * no `Idempotency-Key` header, so that no client's key is ever the same.
 */
export function submissionKey(source: string, id: string): string {
  return sha256Hex(["webhook", source, id].join("\0"));
}
