import type { Chain } from "../../rules/chain.ts";
import { isSecretName } from "../../rules/declarations.ts";
import type { Destination } from "../../rules/destination.ts";
import type { Form } from "../../rules/form.ts";
import type { Source } from "../../rules/source.ts";
import { isCallerName, parseTokens } from "../../ops/index.ts";
import { readSigningKey } from "../../lib/digest.ts";
import { makeToken, type NewToken, TOKEN_BYTES } from "../token/new-token.ts";
import type { Terminal } from "./terminal.ts";

/** What a rules.ts exports: a team without forms or webhooks leaves those lists out. */
export interface DeclaredRules {
  readonly default: Chain;
  readonly forms?: readonly Form[];
  readonly sources?: readonly Source[];
  readonly destinations?: readonly Destination[];
}

/** A secret that the router can use, and what for. */
export interface NamedSecret {
  readonly name: string;
  /** "the channel of the pod dach" */
  readonly purpose: string;
  readonly shape: SecretShape;
}

/** Those that every router has, whatever its rules. */
const OWN: readonly NamedSecret[] = [
  { name: "API_TOKENS", purpose: "who may call the API", shape: "api_tokens" },
  {
    name: "SLACK_WEBHOOK_URL",
    purpose: "the Slack channel for assignments",
    shape: "slack_webhook",
  },
  {
    name: "SLACK_OPS_WEBHOOK_URL",
    purpose: "the Slack channel for unassigned leads, stuck leads and alerts",
    shape: "slack_webhook",
  },
  {
    name: "SLACK_BOT_TOKEN",
    purpose: "direct messages to reps who have a Slack id",
    shape: "slack_bot_token",
  },
];

/** Every secret that this router can use, each once: its own, then those that rules.ts names. */
export function listSecrets(rules: DeclaredRules): readonly NamedSecret[] {
  const named = [
    ...OWN,
    ...rules.default.pods.flatMap(ofPod),
    ...(rules.forms ?? []).flatMap(ofForm),
    ...(rules.sources ?? []).filter(({ archived }) => !archived).flatMap(ofSource),
    ...(rules.destinations ?? []).flatMap(ofDestination),
  ];
  const byName = new Map<string, NamedSecret>();
  for (const secret of named) if (!byName.has(secret.name)) byName.set(secret.name, secret);
  return [...byName.values()];
}

function ofPod({ id, slack }: Chain["pods"][number]): readonly NamedSecret[] {
  return slack === undefined
    ? []
    : [{ name: slack, purpose: `the Slack channel of the pod ${id}`, shape: "slack_webhook" }];
}

function ofForm({ key, captcha }: Form): readonly NamedSecret[] {
  return captcha === null
    ? []
    : [
        {
          name: captcha.turnstile,
          purpose: `Turnstile's secret key for the form ${key}`,
          shape: "text",
        },
      ];
}

function ofSource({ name, secrets }: Source): readonly NamedSecret[] {
  return secrets.map((secret) => ({
    name: secret,
    purpose: `what ${name} signs its webhooks with`,
    shape: "text",
  }));
}

function ofDestination({ key, url, secrets }: Destination): readonly NamedSecret[] {
  const signing = secrets.map((name): NamedSecret => ({
    name,
    purpose: `what webhooks to ${key} are signed with`,
    shape: "signing_key",
  }));
  return isSecretName(url)
    ? [{ name: url, purpose: `the URL of ${key}`, shape: "url" }, ...signing]
    : signing;
}

/** What a secret must look like. */
export type SecretShape =
  | "api_tokens"
  | "slack_webhook"
  | "slack_bot_token"
  | "signing_key"
  | "url"
  | "text";

/** Bytes that a secret may have (Workers limits: 5 kB). */
const MOST_BYTES = 5_000;
const SLACK_WEBHOOK =
  /^https:\/\/hooks\.slack(?:-gov)?\.com\/(?:services|workflows|triggers)\/\S+$/;

/** What is wrong with a value, in words that do not quote it; null when nothing is. */
export function findSecretProblem(shape: SecretShape, value: string): string | null {
  if (/[\r\n]/.test(value)) return "It must be one line.";
  if (new TextEncoder().encode(value).length > MOST_BYTES) return "It must be under 5 kB.";
  switch (shape) {
    case "api_tokens":
      return parseTokens(value) === null
        ? "It must be comma-separated name:scope:token, scope read or write."
        : null;
    case "slack_webhook":
      return SLACK_WEBHOOK.test(value)
        ? null
        : "It must be the URL of an incoming webhook: https://hooks.slack.com/services/…";
    case "slack_bot_token":
      return /^xoxb-\S+$/.test(value) ? null : "It must be a bot's token: xoxb-…";
    case "signing_key":
      return readSigningKey(value) === null ? "It must be whsec_ and base64." : null;
    case "url":
      return URL.canParse(value) && new URL(value).protocol === "https:"
        ? null
        : "It must be an https URL.";
    case "text":
      return /^\S+$/.test(value) ? null : "It must be a text without blanks.";
  }
}

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

interface MadeSecret {
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
