import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";

/**
 * The idempotency key of a submission, as it is stored: however often the sender delivers it, it is one lead. NUL can stand in
 * no `Idempotency-Key` header, so that no client's key is ever the same.
 */
export function submissionKey(source: string, id: string): string {
  return bytesToHex(sha256(utf8ToBytes(["webhook", source, id].join("\0"))));
}
