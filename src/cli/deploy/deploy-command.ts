import { readPublicUrl } from "../../notify/index.ts";
import { addDatabaseId, ConfigError, type Environment, readEnvironment } from "./environment.ts";
import { type DeclaredRules, listSecrets } from "./secrets.ts";
import { readArguments } from "./arguments.ts";
import {
  exitCodeOf,
  findDatabaseId,
  findMissingQueues,
  listSecretNames,
  readTargets,
  type RunProgram,
  WranglerError,
} from "./wrangler.ts";
import { findDatabaseProblem } from "./setup-command.ts";

/** What deploying touches outside itself. */
export interface DeployIo extends HealthIo {
  readonly err: (line: string) => void;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly wrangler: RunProgram;
  /** wrangler.toml, parsed and as text. */
  readonly readConfig: () => unknown;
  readonly readConfigText: () => string;
  readonly writeConfigText: (text: string) => void;
  readonly loadRules: () => Promise<DeclaredRules>;
  /** Prints what is suspicious about rules.ts; false when there is an error. */
  readonly checkRules: () => Promise<boolean>;
  /** Prints what does not compile; false when something does not. */
  readonly checkTypes: () => Promise<boolean>;
  /** A file that wrangler writes what it deployed to, one line of JSON an event; created for this, read, removed. */
  readonly withOutputFile: (use: (path: string) => Promise<void>) => Promise<string>;
}

const DEPLOY_USAGE = `npm run deploy                     checks rules and types, migrates the database, deploys, looks whether it answers
npm run deploy -- --env staging    the same for staging

  --env NAME   a section of wrangler.toml; left out: production
  --dry-run    check and bundle, and show what would be run; needs no account and no network
  --help       this

Exit code: 0 deployed and healthy, 1 stopped (it says where), 2 it could not begin.`;

/** `npm run deploy`. Yields the exit code (see DEPLOY_USAGE). */
export async function deployCommand(args: readonly string[], io: DeployIo): Promise<number> {
  try {
    const options = readArguments("deploy", args, io.env, DEPLOY_USAGE);
    if (options.help) return (io.out(DEPLOY_USAGE), 0);
    const environment = readEnvironment(io.readConfig(), options.environment);
    io.out(`Checking rules.ts and the types …`);
    if (!(await io.checkRules())) return stop(io, "rules.ts has errors. Nothing was deployed.");
    if (!(await io.checkTypes())) return stop(io, "It does not compile. Nothing was deployed.");
    return options.dryRun ? await showPlan(environment, io) : await deploy(environment, io);
  } catch (error) {
    return exitCodeOf(error, io.err);
  }
}

async function showPlan(environment: Environment, io: DeployIo): Promise<number> {
  const { ok } = await io.wrangler(["deploy", "--dry-run", environment.flag], { attached: true });
  if (!ok) return stop(io, "wrangler cannot bundle it.");
  io.out(`\nA deploy to ${environment.name} would run:`);
  for (const { command } of planDeploy(environment, []))
    io.out(`  npx wrangler ${command.join(" ")}`);
  io.out("and then ask /healthz.\n\nDry run: nothing was done.");
  return 0;
}

async function deploy(environment: Environment, io: DeployIo): Promise<number> {
  const { name, queues, sentQueues, flag } = environment;
  const suffix = name === "production" ? "" : ` -- --env ${name}`;
  await checkDatabase(environment, suffix, io);
  if (!(await checkSecrets(environment, suffix, io))) return 1;
  const consumedOnly = queues.filter((each) => !sentQueues.includes(each));
  const missing = await findMissingQueues(io.wrangler, consumedOnly, flag);
  let migrated = false;
  const written = await io.withOutputFile(async (path) => {
    for (const { kind, says, command } of planDeploy(environment, missing)) {
      io.out(`\n${name}: ${says}`);
      const env = { WRANGLER_OUTPUT_FILE_PATH: path };
      const { ok } = await io.wrangler(command, { attached: true, env });
      if (!ok)
        throw new WranglerError(
          migrated
            ? `Could not ${says}. The previous code keeps running; it works with the new schema. Fix what wrangler reports and run this again.`
            : `Could not ${says}. Nothing was deployed.${kind === "migrate" ? explainCutTrigger(environment) : ""}`,
        );
      migrated ||= kind === "migrate";
    }
  });
  return await sayWhere(environment, listAddresses(environment, readTargets(written)), io);
}

/** workers-sdk #15690, open as of wrangler 4.155; the import that `--file` goes through cuts rightly. */
function explainCutTrigger({ flag }: Environment): string {
  return `
If wrangler said "incomplete input": D1 cut a trigger in two (github.com/cloudflare/workers-sdk/issues/15690), and nothing of
that migration was applied. Send its file the other way, note that it is done, and run this again:
  npx wrangler d1 execute DB --remote ${flag} --file migrations/NNNN_NAME.sql
  npx wrangler d1 execute DB --remote ${flag} --command "INSERT INTO d1_migrations (name) VALUES ('NNNN_NAME.sql')"`;
}

/** A route of a zone is a pattern, not an address: where the router is reached behind it, PUBLIC_URL says. */
function listAddresses({ publicUrl }: Environment, targets: readonly string[]): readonly string[] {
  const url = readPublicUrl({ secret: () => publicUrl });
  return targets.length > 0 || url === null ? targets : [url];
}

async function sayWhere(
  environment: Environment,
  targets: readonly string[],
  io: DeployIo,
): Promise<number> {
  const [address] = targets;
  if (address === undefined) {
    io.out(
      "\nDeployed. Its address is not known, so its health was not checked. If a route leads to this Worker, set PUBLIC_URL in wrangler.toml; otherwise turn workers_dev on.",
    );
    return 0;
  }
  io.out("\nDeployed:");
  for (const url of targets)
    for (const path of ["", "/docs", "/healthz"]) io.out(`  ${url}${path}`);
  if (environment.publicUrl === null)
    io.out(
      `Messages name leads by id. To have them link here, set PUBLIC_URL = "${address}" in wrangler.toml.`,
    );
  const problem = (await checkHealth(address, io)) ?? (await checkExampleToken(address, io));
  if (problem === null) return 0;
  const undo = `npx wrangler rollback ${environment.flag}`;
  return stop(
    io,
    `It was deployed, but ${problem}. To see its log: npx wrangler tail ${environment.flag}. To roll back: ${undo}.`,
  );
}

function stop(io: DeployIo, why: string): number {
  io.err(why);
  return 1;
}

interface DeployStep {
  readonly kind: "create_queue" | "migrate" | "deploy";
  readonly says: string;
  /** Arguments of wrangler. */
  readonly command: readonly string[];
}

/**
 * What a deploy asks of wrangler, in order: first the database, then the code. So for some seconds the code that runs is older
 * than the schema it meets, never newer: a column that is not there yet would fail every lead, one it does not know of harms
 * nothing. Therefore a migration only adds; what is no longer needed is taken away by a later deploy, when no code that
 * runs, or that one would roll back to, asks for it. Leads in flight are not touched: what fails meanwhile is retried.
 * @param missingQueues which wrangler would not create, and refuse the deploy for
 */
function planDeploy(
  { database, worker, flag }: Environment,
  missingQueues: readonly string[],
): readonly DeployStep[] {
  return [
    ...missingQueues.map((name): DeployStep => ({
      kind: "create_queue",
      says: `create the queue ${name}`,
      command: ["queues", "create", name, flag],
    })),
    {
      kind: "migrate",
      says: `migrate the database ${database.name}`,
      command: ["d1", "migrations", "apply", "DB", "--remote", flag],
    },
    { kind: "deploy", says: `deploy the Worker ${worker}`, command: ["deploy", flag] },
  ];
}

/** Secrets that are not set though somebody counts on them. */
interface MissingSecrets {
  /** Without these wrangler refuses the deploy. */
  readonly required: readonly string[];
  /** What goes without: channels and webhooks that rules.ts names. */
  readonly silent: readonly string[];
}

/** @param named every secret that the router could use, as named-secrets.ts lists them */
function findMissingSecrets(
  { requiredSecrets }: Environment,
  named: readonly string[],
  set: ReadonlySet<string>,
): MissingSecrets {
  const missing = named.filter((name) => !set.has(name));
  return {
    required: requiredSecrets.filter((name) => !set.has(name)),
    silent: missing.filter((name) => !requiredSecrets.includes(name)),
  };
}

/**
 * Holds the database's id in wrangler.toml against the account, before anything is made in it. Of a clone without the id, as
 * Cloudflare's own builds may have it, the database is known by its name, and the id is written down.
 * @throws {ConfigError} when there is no such database, or another account is logged in
 */
async function checkDatabase(
  environment: Environment,
  suffix: string,
  io: DeployIo,
): Promise<void> {
  const { name, database, flag } = environment;
  const id = await findDatabaseId(io.wrangler, database.name, flag);
  if (database.id !== null) {
    const problem = findDatabaseProblem(environment, { databaseId: id });
    if (problem !== null) throw new ConfigError(problem);
    return;
  }
  if (id === null)
    throw new ConfigError(
      `There is no database ${database.name}. Run \`npm run setup${suffix}\`: it creates it and writes its id into wrangler.toml.`,
    );
  io.writeConfigText(addDatabaseId(io.readConfigText(), name, id));
  io.out(`Found the database ${database.name} and wrote its id into wrangler.toml.`);
}

/** Whether the secrets are set that the Worker cannot do without; says which others are not. */
async function checkSecrets(
  environment: Environment,
  suffix: string,
  io: DeployIo,
): Promise<boolean> {
  const named = listSecrets(await io.loadRules()).map((secret) => secret.name);
  const set = await listSecretNames(io.wrangler, environment.flag);
  const { required, silent } = findMissingSecrets(environment, named, set);
  if (silent.length > 0)
    io.out(
      `Not set, so these stay silent: ${silent.join(", ")}. \`npm run setup${suffix}\` asks for them.`,
    );
  if (required.length === 0) return true;
  io.err(
    `The router does not work without these secrets, which are not set: ${required.join(", ")}. Run \`npm run setup${suffix}\`.`,
  );
  return false;
}

export interface HealthIo {
  readonly out: (line: string) => void;
  readonly fetch: (url: string, init?: RequestInit) => Promise<Response>;
  /** Resolves after so many milliseconds. */
  readonly sleep: (milliseconds: number) => Promise<void>;
}

/** A new workers.dev address takes up to a minute until it is known everywhere; a new version takes seconds. */
const TRIES = 20;
const PAUSE_MS = 3_000;

/** Asks /healthz until it answers 200. Yields what is wrong in words, null when it is well. */
export async function checkHealth(
  address: string,
  { out, fetch, sleep }: HealthIo,
): Promise<string | null> {
  let last = "";
  for (let tried = 0; tried < TRIES; tried += 1) {
    if (tried > 0) await sleep(PAUSE_MS);
    last = await ask(`${address}/healthz`, fetch);
    if (last === "200") return (out(`${address}/healthz answers 200.`), null);
  }
  return `${address}/healthz does not answer 200 (${last})`;
}

/** The token of .dev.vars.example, which everybody knows: a *Deploy to Cloudflare* form proposes it. */
export const EXAMPLE_TOKEN = "change-me";

/** What is wrong when the example's token opens the API; null when it does not. */
async function checkExampleToken(address: string, { fetch }: HealthIo): Promise<string | null> {
  const response = await fetch(`${address}/api/health`, {
    headers: { authorization: `Bearer ${EXAMPLE_TOKEN}` },
  });
  await response.body?.cancel();
  return response.ok
    ? `anybody can use its API, because API_TOKENS still holds the example token. Make a new one (\`npm run token -- NAME write\`) and set it (\`npx wrangler secret put API_TOKENS\`)`
    : null;
}

async function ask(url: string, fetch: HealthIo["fetch"]): Promise<string> {
  try {
    const response = await fetch(url);
    await response.body?.cancel();
    return String(response.status);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
