import {
  exitCodeOf,
  findDatabaseId,
  type Found,
  lookAround,
  readAccount,
  type RunProgram,
  succeeded,
  WranglerError,
} from "./wrangler.ts";
import {
  addDatabaseId,
  ConfigError,
  type Environment,
  findArchiveBlock,
  readEnvironment,
  uncommentArchive,
} from "./environment.ts";
import {
  type Answers,
  type AskIo,
  askSecrets,
  type DeclaredRules,
  listSecrets,
} from "./secrets.ts";
import { readArguments } from "./arguments.ts";
import { UsageError } from "../command.ts";

/** What setting up touches outside itself. */
export interface SetupIo extends AskIo {
  readonly err: (line: string) => void;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether somebody sits there to answer. */
  readonly isTerminal: boolean;
  readonly wrangler: RunProgram;
  /** wrangler.toml, parsed and as text. */
  readonly readConfig: () => unknown;
  readonly readConfigText: () => string;
  readonly writeConfigText: (text: string) => void;
  /** @throws when rules.ts does not load */
  readonly loadRules: () => Promise<DeclaredRules>;
}

const SETUP_USAGE = `npm run setup                     creates what the router needs at Cloudflare, sets its secrets
npm run setup -- --env staging    the same for staging

  --env NAME   a section of wrangler.toml; left out: production
  --dry-run    show every step and do none; needs no account and no network
  --help       this

What exists is found and left as it is: run it again after a failure, or when rules.ts names another secret.
Exit code: 0 everything is there, 1 a step failed, 2 it could not begin.`;

/** `npm run setup`: from a clone to what `npm run deploy` needs. Yields the exit code (see SETUP_USAGE). */
export async function setupCommand(args: readonly string[], io: SetupIo): Promise<number> {
  try {
    const options = readArguments("setup", args, io.env, SETUP_USAGE);
    if (options.help) return (io.out(SETUP_USAGE), 0);
    const environment = readEnvironment(io.readConfig(), options.environment);
    const rules = await io.loadRules();
    if (options.dryRun) return showPlan(environment, rules, io);
    if (!io.isTerminal)
      throw new UsageError(
        "Setting up asks questions: run `npm run setup` in a terminal, or with --dry-run to see what it would do.\n" +
          "Without a terminal, run the commands that --dry-run shows yourself.",
      );
    return await setUp(environment, rules, io);
  } catch (error) {
    return exitCodeOf(error, io.err);
  }
}

function showPlan(environment: Environment, rules: DeclaredRules, io: SetupIo): number {
  const archive = environment.bucket ?? findArchiveBlock(io.readConfigText(), environment.name);
  const secrets = listSecrets(rules).map(({ name }) => name);
  const steps = planSetup(environment, NOTHING_FOUND, { bucket: archive, secrets });
  io.out(
    `${environment.name}: the Worker ${environment.worker}. What exists already is left as it is.\n`,
  );
  for (const [at, step] of steps.entries()) {
    const optional = step.kind === "create_bucket" ? " (if you want the archive)" : "";
    io.out(`${at + 1}. ${describeStep(step)}${optional}`);
    const command = commandOf(step, environment);
    if (command !== null) io.out(`     npx wrangler ${command.join(" ")}`);
  }
  io.out("\nSecrets, asked for one by one; all but API_TOKENS may be left out:");
  for (const { name, purpose } of listSecrets(rules)) io.out(`  ${name}: ${purpose}`);
  io.out("\nDry run: nothing was done.");
  return 0;
}

async function setUp(environment: Environment, rules: DeclaredRules, io: SetupIo): Promise<number> {
  const account = await readAccount(io.wrangler, environment, io.env);
  io.out(
    `${environment.name}: the Worker ${environment.worker}, in ${account}. Looking at what is there …`,
  );
  const archive = findArchiveBlock(io.readConfigText(), environment.name);
  const bucket = environment.bucket ?? (await askForArchive(archive, io));
  const found = await lookAround(io.wrangler, environment, bucket);
  const problem = findDatabaseProblem(environment, found);
  if (problem !== null) throw new ConfigError(problem);
  const unset = listSecrets(rules).filter(({ name }) => !found.secrets.has(name));
  const answers = await askSecrets(unset, io);
  const steps = planSetup(environment, found, { bucket, secrets: [...answers.values.keys()] });
  for (const step of steps) {
    try {
      await take(step, environment, answers, io);
    } catch (error) {
      if (!(error instanceof WranglerError)) throw error;
      if (step.kind === "put_secrets") showDoubtful(answers, environment, io);
      throw new WranglerError(
        `Could not ${describeStep(step)}. ${error.message}\n\nRun \`npm run setup\` again: it finds what it has already created.`,
      );
    }
    io.out(`  done: ${describeStep(step)}`);
  }
  for (const { text } of answers.toShow) io.out(`\n${text}`);
  io.out(steps.length === 0 ? "Everything is there." : "Everything is there now.");
  const suffix = environment.name === "production" ? "" : ` -- --env ${environment.name}`;
  io.out(`Next: npm run deploy${suffix}. Keep wrangler.toml's changes: commit them.`);
  return 0;
}

/** Cloudflare may have set the secrets, and only its answer was lost: the next run would then find them, and nobody know them. */
function showDoubtful({ toShow }: Answers, { flag }: Environment, io: SetupIo): void {
  for (const { name, text, makeAnother } of toShow) {
    io.out(`\n${name} may or may not have been set. If it was, this is its value:\n${text}`);
    io.out(`If it was not, the next setup asks for it. To replace it, run: ${makeAnother}`);
    io.out(`then paste what that prints into: npx wrangler secret put ${name} ${flag}`);
  }
}

async function askForArchive(bucket: string | null, { ask }: SetupIo): Promise<string | null> {
  if (bucket === null) return null;
  const answer = await ask(
    `Archive old leads to R2 (RETENTION_DAYS)? It needs R2 turned on in your account. [y/N] `,
  );
  return /^y(?:es)?$/i.test(answer) ? bucket : null;
}

async function take(
  step: SetupStep,
  environment: Environment,
  { values }: Answers,
  io: SetupIo,
): Promise<void> {
  const command = commandOf(step, environment);
  if (command !== null) {
    const stdin =
      step.kind === "put_secrets" ? { stdin: JSON.stringify(Object.fromEntries(values)) } : {};
    succeeded(await io.wrangler(command, stdin), command.join(" "));
  } else if (step.kind === "bind_archive") {
    io.writeConfigText(uncommentArchive(io.readConfigText(), environment.name));
  } else {
    const id = await findDatabaseId(io.wrangler, environment.database.name, environment.flag);
    if (id === null) throw new WranglerError("It is not among your databases.");
    io.writeConfigText(addDatabaseId(io.readConfigText(), environment.name, id));
  }
}

/** What the person who sets it up wants. */
export interface Wanted {
  /** The archive's bucket; null = no archive. */
  readonly bucket: string | null;
  /** Names of the secrets to set. */
  readonly secrets: readonly string[];
}

export type SetupStep =
  | { readonly kind: "create_database"; readonly name: string }
  | { readonly kind: "write_database_id"; readonly name: string }
  | { readonly kind: "create_queue"; readonly name: string }
  | { readonly kind: "create_bucket"; readonly name: string }
  | { readonly kind: "bind_archive"; readonly name: string }
  | { readonly kind: "put_secrets"; readonly names: readonly string[] };

export const NOTHING_FOUND: Found = {
  databaseId: null,
  queues: new Set(),
  bucketExists: false,
  secrets: new Set(),
};

/**
 * What is left to do, in order: what wrangler does not create by itself, or only too late. (It would create the database
 * and the queues that are sent to with the deploy; the database is migrated before that, and queues that are only
 * consumed, those of dead letters, it never creates.) Nothing to do = no steps, so that setup can be run again.
 */
export function planSetup(
  { database, queues, bucket }: Environment,
  found: Found,
  wanted: Wanted,
): readonly SetupStep[] {
  const steps: SetupStep[] = [];
  if (found.databaseId === null) steps.push({ kind: "create_database", name: database.name });
  if (database.id === null) steps.push({ kind: "write_database_id", name: database.name });
  for (const name of queues)
    if (!found.queues.has(name)) steps.push({ kind: "create_queue", name });
  if (wanted.bucket !== null) {
    if (!found.bucketExists) steps.push({ kind: "create_bucket", name: wanted.bucket });
    if (bucket === null) steps.push({ kind: "bind_archive", name: wanted.bucket });
  }
  if (wanted.secrets.length > 0) steps.push({ kind: "put_secrets", names: wanted.secrets });
  return steps;
}

/** Why the id in wrangler.toml cannot be right, in words; null when nothing speaks against it. */
export function findDatabaseProblem(
  { database }: Environment,
  found: Pick<Found, "databaseId">,
): string | null {
  if (database.id === null || database.id === found.databaseId) return null;
  const instead =
    found.databaseId === null
      ? `has no database ${database.name}`
      : `has ${database.name} under another id, ${found.databaseId}`;
  return `wrangler.toml names the database ${database.id}, but this account ${instead}. Log in to the right account, or take the line database_id out.`;
}

/** What wrangler is asked for a step, as its arguments; null for a step that only changes wrangler.toml. */
function commandOf(step: SetupStep, { flag }: Environment): readonly string[] | null {
  switch (step.kind) {
    case "create_database":
      return ["d1", "create", step.name, "--update-config=false", flag];
    case "create_queue":
      return ["queues", "create", step.name, flag];
    case "create_bucket":
      return ["r2", "bucket", "create", step.name, "--update-config=false", flag];
    case "put_secrets":
      return ["secret", "bulk", flag];
    case "write_database_id":
    case "bind_archive":
      return null;
  }
}

/** A step in words. */
function describeStep(step: SetupStep): string {
  switch (step.kind) {
    case "create_database":
      return `create the database ${step.name}`;
    case "write_database_id":
      return `write the id of the database ${step.name} into wrangler.toml`;
    case "create_queue":
      return `create the queue ${step.name}`;
    case "create_bucket":
      return `create the bucket ${step.name}`;
    case "bind_archive":
      return `bind the bucket ${step.name} in wrangler.toml`;
    case "put_secrets":
      return `set the secrets ${step.names.join(", ")}, by standard input`;
  }
}
