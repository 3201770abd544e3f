import { spawn } from "node:child_process";
import { UsageError } from "../command.ts";
import { z } from "zod";
import { ConfigError, type Environment } from "./environment.ts";

export interface Ran {
  readonly ok: boolean;
  readonly stdout: string;
  /** Everything that was written, standard output first: what wrangler says of an error is in either. */
  readonly said: string;
}

interface RunOptions {
  /** What it reads on standard input; left out = nothing. Secrets go this way: never as arguments, never by a file. */
  readonly stdin?: string;
  /** Whether it talks to the terminal itself; nothing of what it says is then known here. */
  readonly attached?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a program of the project to its end. */
export type RunProgram = (args: readonly string[], options?: RunOptions) => Promise<Ran>;

/** Runs the `wrangler` that is first on the path: the project's own, where npm has run the script. */
export const runWrangler: RunProgram = (args, { stdin = "", attached = false, env = {} } = {}) => {
  const { promise, resolve, reject } = Promise.withResolvers<Ran>();
  const child = spawn("wrangler", [...args], {
    stdio: attached ? "inherit" : "pipe",
    env: {
      ...process.env,
      WRANGLER_HIDE_BANNER: "true",
      ...(attached ? {} : { NO_COLOR: "1" }),
      ...env,
    },
  });
  let stdout = "";
  let stderr = "";
  child.stdout?.setEncoding("utf8").on("data", (chunk: string) => (stdout += chunk));
  child.stderr?.setEncoding("utf8").on("data", (chunk: string) => (stderr += chunk));
  // A program that ends without reading closes the pipe: its exit code says how it ended.
  child.stdin?.on("error", () => {}).end(stdin);
  child.once("error", (error) => {
    reject(
      "code" in error && error.code === "ENOENT"
        ? new UsageError("There is no wrangler on the path: `npm ci`, then `npm run …`.")
        : error,
    );
  });
  child.once("close", (code) => {
    resolve({ ok: code === 0, stdout, said: `${stdout}${stderr}`.trim() });
  });
  return promise;
};

/** wrangler could not do something: what it said is the message. */
export class WranglerError extends Error {
  override readonly name = "WranglerError";
}

const account = z.object({ id: z.string(), name: z.string() });
const identity = z.object({ accounts: z.array(account) });
const databases = z.array(z.object({ uuid: z.string(), name: z.string() }));
const secretNames = z.array(z.object({ name: z.string() }));

/** What wrangler and Cloudflare say of what is not there (wrangler 4.155; API codes 10007 and 10006). */
const NOT_THERE = /does not exist|not found|\[code: 1000[67]\]/i;

/**
 * The account that everything goes to, by name.
 * @throws {WranglerError} when nobody is logged in, or it is not clear which of several accounts is meant
 */
export async function readAccount(
  wrangler: RunProgram,
  { accountId }: Environment,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  const ran = await wrangler(["whoami", "--json"]);
  if (!ran.ok && /"loggedIn":\s*false/.test(ran.stdout))
    throw new WranglerError(
      "You are not logged in at Cloudflare. Run `npx wrangler login` (or set CLOUDFLARE_API_TOKEN), then this again.",
    );
  const { accounts } = readJson(identity, succeeded(ran, "whoami").stdout, "whoami");
  const chosen = accountId ?? env["CLOUDFLARE_ACCOUNT_ID"];
  const [only, ...others] = accounts;
  if (chosen !== undefined) return accounts.find(({ id }) => id === chosen)?.name ?? chosen;
  if (only === undefined || others.length === 0) return only?.name ?? "your account";
  const list = accounts.map(({ id, name }) => `  ${id}  ${name}`).join("\n");
  throw new WranglerError(
    `You have several accounts. Say which: CLOUDFLARE_ACCOUNT_ID=… npm run setup, or account_id in wrangler.toml.\n${list}`,
  );
}

/** What of an environment is there already. */
export interface Found {
  /** The database's id; null while there is none of its name. */
  readonly databaseId: string | null;
  readonly queues: ReadonlySet<string>;
  readonly bucketExists: boolean;
  /** Names of the secrets that are set. */
  readonly secrets: ReadonlySet<string>;
}

/**
 * What of an environment exists.
 * @param bucket the archive's bucket, where one is wanted
 * @throws {WranglerError} when that cannot be found out
 */
export async function lookAround(
  wrangler: RunProgram,
  { database, queues, flag }: Environment,
  bucket: string | null,
): Promise<Found> {
  // At once: each start of wrangler takes a second or two.
  const [missing, databaseId, bucketExists, secrets] = await Promise.all([
    findMissingQueues(wrangler, queues, flag),
    findDatabaseId(wrangler, database.name, flag),
    bucket !== null && isThere(wrangler, ["r2", "bucket", "info", bucket, flag]),
    listSecretNames(wrangler, flag),
  ]);
  const existing = queues.filter((name) => !missing.includes(name));
  return { databaseId, queues: new Set(existing), bucketExists, secrets };
}

/** Those of the queues that do not exist. */
export async function findMissingQueues(
  wrangler: RunProgram,
  queues: readonly string[],
  flag: string,
): Promise<readonly string[]> {
  const found = await Promise.all(
    queues.map((name) => isThere(wrangler, ["queues", "info", name, flag])),
  );
  return queues.filter((_name, at) => found[at] === false);
}

/** The id of the database of this name; null when there is none. */
export async function findDatabaseId(
  wrangler: RunProgram,
  name: string,
  flag: string,
): Promise<string | null> {
  const { stdout } = succeeded(await wrangler(["d1", "list", "--json", flag]), "d1 list");
  const found = readJson(databases, stdout, "d1 list").find((each) => each.name === name);
  return found?.uuid ?? null;
}

/** The names of the secrets that are set: none before the Worker is. */
export async function listSecretNames(
  wrangler: RunProgram,
  flag: string,
): Promise<ReadonlySet<string>> {
  const ran = await wrangler(["secret", "list", "--format=json", flag]);
  if (!ran.ok && NOT_THERE.test(ran.said)) return new Set();
  const { stdout } = succeeded(ran, "secret list");
  return new Set(readJson(secretNames, stdout, "secret list").map(({ name }) => name));
}

/** @throws {WranglerError} with what wrangler said, when it failed */
export function succeeded(ran: Ran, what: string): Ran {
  if (!ran.ok) throw new WranglerError(`wrangler ${what} failed:\n${ran.said}`);
  return ran;
}

async function isThere(wrangler: RunProgram, command: readonly string[]): Promise<boolean> {
  const ran = await wrangler(command);
  if (!ran.ok && NOT_THERE.test(ran.said)) return false;
  succeeded(ran, command.join(" "));
  return true;
}

function readJson<Schema extends z.ZodType>(
  schema: Schema,
  text: string,
  what: string,
): z.infer<Schema> {
  const parsed = schema.safeParse(parseJson(text));
  if (!parsed.success)
    throw new WranglerError(`wrangler ${what} answered something unexpected:\n${text}`);
  return parsed.data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const deployed = z.object({ type: z.literal("deploy"), targets: z.array(z.string()) });

/**
 * The addresses of what was deployed, by the file that wrangler writes for programs (WRANGLER_OUTPUT_FILE_PATH, wrangler
 * 4.155): one line of JSON an event. Targets that are no address ("schedule: …", "Consumer for …") are left out.
 */
export function readTargets(written: string): readonly string[] {
  const targets = written
    .split("\n")
    .filter((line) => line.trim() !== "")
    .flatMap((line) => {
      const event = deployed.safeParse(JSON.parse(line));
      return event.success ? event.data.targets : [];
    });
  return targets.flatMap(toAddress);
}

/** Routes stand there as they are written, "leads.acme.com (custom domain)", and may be patterns. */
function toAddress(target: string): readonly string[] {
  const [place = "", note = ""] = target.split(" ", 2);
  if (/^https?:\/\//.test(place)) return [place.replace(/\/+$/, "")];
  return note === "(custom" && !place.includes("*") ? [`https://${place}`] : [];
}

/**
 * What stopped a command, told in one message: the exit code is 1 where wrangler failed, 2 where it was not understood. What
 * was not foreseen is thrown on.
 */
export function exitCodeOf(error: unknown, err: (line: string) => void): 1 | 2 {
  const isForeseen =
    error instanceof UsageError || error instanceof ConfigError || error instanceof WranglerError;
  if (!isForeseen) throw error;
  err(error.message);
  return error instanceof WranglerError ? 1 : 2;
}
