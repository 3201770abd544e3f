import { sha256 } from "@noble/hashes/sha2.js";
import { hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import type { MiddlewareHandler } from "hono";
import { ROUTER } from "../audit/decision.ts";
import type { ApiEnv } from "./app.ts";
import { Problem } from "./problem.ts";

/** One entry of the secret API_TOKENS. The token itself is not kept. */
export interface ApiToken {
  /** What the audit names as actor. */
  readonly name: string;
  readonly scope: "read" | "write";
  /** SHA-256 of the token. */
  readonly digest: Uint8Array;
}

// The token may contain colons, and whatever else stands in a header visibly, but not the comma of the list.
const ENTRY =
  /^(?<name>[A-Za-z0-9][\w.-]{0,62}):(?<scope>read|write):(?<token>[\x21-\x2b\x2d-\x7e]+)$/;
const HASHED = /^sha256-(?<hex>[0-9a-f]{64})$/i;
const BEARER = /^Bearer +(?<token>[\x21-\x7e]+) *$/i;

/**
 * Reads the secret: comma-separated `name:scope:token`, scope `read` or `write`, the token in clear or as
 * `sha256-` and 64 hexadecimal digits. Null when any entry cannot be read: a list half understood is not safe.
 */
export function parseTokens(secret: string): readonly ApiToken[] | null {
  const tokens = secret.split(",").map((entry) => parseEntry(entry.trim()));
  return tokens.every((token) => token !== null) ? tokens : null;
}

function parseEntry(entry: string): ApiToken | null {
  const { name, scope, token } = ENTRY.exec(entry)?.groups ?? {};
  if (name === undefined || token === undefined || (scope !== "read" && scope !== "write"))
    return null;
  // The audit must not mistake a person for the router.
  if (name.toLowerCase() === ROUTER) return null;
  if (!token.startsWith("sha256-")) return { name, scope, digest: sha256(utf8ToBytes(token)) };
  const hex = HASHED.exec(token)?.groups?.["hex"];
  return hex === undefined ? null : { name, scope, digest: hexToBytes(hex) };
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

function isSameDigest(one: Uint8Array, other: Uint8Array): boolean {
  let difference = one.length ^ other.length;
  for (const [at, byte] of one.entries()) difference |= byte ^ (other[at] ?? 0);
  return difference === 0;
}

/**
 * Lets through who presents a token: `read` for GET and HEAD, `write` for everything. Sets `actor` to its name.
 * Without the secret, or when it cannot be read, everybody is refused.
 */
export function requireToken(): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const secret = c.env.API_TOKENS;
    const tokens = secret ? parseTokens(secret) : [];
    if (tokens === null) c.var.deps.log("error", "api_tokens_unreadable");
    const presented = BEARER.exec(c.req.header("Authorization") ?? "")?.groups?.["token"];
    const token = presented === undefined ? null : findToken(tokens ?? [], presented);
    if (token === null) {
      throw new Problem(
        "unauthorized",
        "This needs a valid token: send Authorization: Bearer TOKEN.",
      );
    }
    const reads = c.req.method === "GET" || c.req.method === "HEAD";
    if (!reads && token.scope !== "write") {
      throw new Problem("forbidden", `The token ${token.name} may only read.`);
    }
    c.set("actor", token.name);
    await next();
  };
}
