import { sha256 } from "@noble/hashes/sha2.js";
import { hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { isSameDigest } from "../../../lib/digest.ts";
import { parseCallers, type Caller } from "./caller-list.ts";

/** One entry of the secret API_TOKENS. The token itself is not kept. */
export interface ApiToken extends Caller {
  /** SHA-256 of the token. */
  readonly digest: Uint8Array;
}

// The token may contain colons, and whatever else stands in a header visibly, but not the comma of the list.
const TOKEN = /^[\x21-\x2b\x2d-\x7e]+$/;
const HASHED = /^sha256-(?<hex>[0-9a-f]{64})$/i;
const BEARER = /^Bearer +(?<token>[\x21-\x7e]+) *$/i;

/**
 * Reads the secret: comma-separated `name:scope:token`, scope `read` or `write`, the token in clear or as
 * `sha256-` and 64 hexadecimal digits. Null when any entry cannot be read.
 */
export function parseTokens(secret: string): readonly ApiToken[] | null {
  return parseCallers(secret, (caller, token) => {
    const digest = parseDigest(token);
    return digest && { ...caller, digest };
  });
}

function parseDigest(token: string): Uint8Array | null {
  if (!TOKEN.test(token)) return null;
  if (!token.startsWith("sha256-")) return sha256(utf8ToBytes(token));
  const hex = HASHED.exec(token)?.groups?.["hex"];
  return hex === undefined ? null : hexToBytes(hex);
}

/** The token of an Authorization header; null when there is none. */
export function readBearer(authorization: string | null): string | null {
  return BEARER.exec(authorization ?? "")?.groups?.["token"] ?? null;
}

/**
 * The entry that a presented token belongs to; the first, where several have it. Takes the same time wherever the
 * digests differ and whichever entry matches.
 */
export function findToken(tokens: readonly ApiToken[], presented: string): ApiToken | null {
  const digest = sha256(utf8ToBytes(presented));
  let found: ApiToken | null = null;
  for (const token of tokens) {
    const same = isSameDigest(token.digest, digest);
    if (same) found ??= token;
  }
  return found;
}
