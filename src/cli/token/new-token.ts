import { createHash } from "node:crypto";
import { type Caller, isCallerName, isScope } from "../../ops/index.ts";

/** Bytes of chance in a token: nobody guesses 256 bits. */
export const TOKEN_BYTES = 32;
/** By which a person, or a scanner for secrets, knows a token of this router where it lies about. */
const PREFIX = "lr_";

export const USAGE = `Usage: npm run token -- NAME [read|write]

Makes a token for the API and prints it once. NAME is what the audit will say did it: 1 to 63 letters, digits,
dots, hyphens and underscores, the first a letter or digit, but not "router". Left out, the scope is read.`;

/** A token, and the entry of API_TOKENS by which the router knows it again without holding it. */
export interface NewToken extends Caller {
  readonly token: string;
  readonly entry: string;
}

/** Who is to have a token; null when the arguments do not say so. */
export function readArguments(args: readonly string[]): Caller | null {
  const [name, scope = "read", ...others] = args;
  if (name === undefined || others.length > 0) return null;
  return isCallerName(name) && isScope(scope) ? { name, scope } : null;
}

/** @param chance TOKEN_BYTES random bytes */
export function makeToken({ name, scope }: Caller, chance: Uint8Array): NewToken {
  const token = PREFIX + Buffer.from(chance).toString("base64url");
  const digest = createHash("sha256").update(token).digest("hex");
  return { name, scope, token, entry: `${name}:${scope}:sha256-${digest}` };
}

/** What to do with a new token, in words. */
export function renderToken({ name, scope, token, entry }: NewToken): string {
  return `The token of ${name}, who may ${scope === "write" ? "read and write" : "read"}. It is shown this once and kept nowhere:

  ${token}

Whoever calls sends it as the header Authorization: Bearer TOKEN. Its entry in the secret API_TOKENS, which holds only the token's hash:

  ${entry}

Put it there beside the entries that exist, with a comma between them. A secret cannot be read back, so keep the list:

  npx wrangler secret put API_TOKENS

For npm run dev it is the line API_TOKENS= of .dev.vars. To take the token back, put the list without its entry.`;
}
