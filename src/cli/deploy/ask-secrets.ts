import { isCallerName } from "../../ops/index.ts";
import { makeToken, TOKEN_BYTES, type NewToken } from "../token/new-token.ts";
import type { NamedSecret } from "./named-secrets.ts";
import { findSecretProblem } from "./secret-shape.ts";
import type { Terminal } from "./terminal.ts";

export interface AskIo extends Terminal {
  readonly out: (line: string) => void;
  /** So many random bytes. */
  readonly chance: (bytes: number) => Uint8Array;
  /** Who sits there, as the audit may name them. */
  readonly user: string;
}

/** What came of asking. Nothing of it is written to disk. */
export interface Answers {
  /** By name. */
  readonly values: ReadonlyMap<string, string>;
  /** What was made here and must be shown, once it may be set: nobody can read it back. */
  readonly toShow: readonly MadeSecret[];
}

export interface MadeSecret {
  readonly name: string;
  /** The value and whose it is, for the terminal. */
  readonly text: string;
  /** A command that makes another. */
  readonly makeAnother: string;
}

/** What to type for a key to be made here. */
const MAKE_ONE = "new";

/** Asks for each secret in turn. What is left empty stays unset. */
export async function askSecrets(secrets: readonly NamedSecret[], io: AskIo): Promise<Answers> {
  const values = new Map<string, string>();
  const toShow: MadeSecret[] = [];
  for (const secret of secrets) {
    const made = secret.shape === "api_tokens" ? await askForToken(io) : null;
    const value = made?.entry ?? (await askForValue(secret, io));
    if (value === "") continue;
    const key = value === MAKE_ONE && secret.shape === "signing_key" ? makeKey(io) : value;
    values.set(secret.name, key);
    if (made !== null) toShow.push(showToken(secret.name, made));
    else if (key !== value) toShow.push(showKey(secret.name, key));
  }
  return { values, toShow };
}

async function askForToken({ ask, out, user, chance }: AskIo): Promise<NewToken> {
  for (;;) {
    const answer = await ask(
      `API_TOKENS: the first token is made here. Whose is it, as the audit will say? [${user}] `,
    );
    const name = answer === "" ? user : answer;
    if (isCallerName(name)) return makeToken({ name, scope: "write" }, chance(TOKEN_BYTES));
    out('  1 to 63 letters, digits, dots, hyphens and underscores, but not "router".');
  }
}

async function askForValue(
  { name, purpose, shape }: NamedSecret,
  { askHidden, out }: AskIo,
): Promise<string> {
  const how =
    shape === "signing_key" ? `${MAKE_ONE} = make one, empty = leave out` : "empty = leave out";
  for (;;) {
    const value = await askHidden(`${name}: ${purpose} (${how}): `);
    if (value === "" || (shape === "signing_key" && value === MAKE_ONE)) return value;
    const problem = findSecretProblem(shape, value);
    if (problem === null) return value;
    out(`  ${problem}`);
  }
}

function makeKey({ chance }: AskIo): string {
  return `whsec_${Buffer.from(chance(TOKEN_BYTES)).toString("base64")}`;
}

function showToken(secret: string, { name, token }: NewToken): MadeSecret {
  return {
    name: secret,
    text: `The API token of ${name}, who may read and write (shown this once; the router keeps its SHA-256):\n\n  ${token}\n`,
    makeAnother: `npm run token -- ${name} write`,
  };
}

function showKey(name: string, key: string): MadeSecret {
  return {
    name,
    text: `${name}, for the receiver (shown this once):\n\n  ${key}\n`,
    makeAnother: `echo "whsec_$(openssl rand -base64 ${TOKEN_BYTES})"`,
  };
}
