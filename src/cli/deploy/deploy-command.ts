import { readPublicUrl } from "../../notify/index.ts";
import { readEnvironment, type Environment } from "./environment.ts";
import type { DeclaredRules } from "./named-secrets.ts";
import { planDeploy } from "./plan-deploy.ts";
import { readArguments } from "./arguments.ts";
import { checkDatabase, checkSecrets } from "./before-deploy.ts";
import { checkExampleToken, checkHealth, type HealthIo } from "./check-health.ts";
import { exitCodeOf } from "./exit-code.ts";
import { findMissingQueues, WranglerError } from "./look-around.ts";
import { readTargets } from "./read-targets.ts";
import type { RunProgram } from "./wrangler.ts";

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
  /** A file that wrangler writes what it deployed to, one line of JSON an event; made anew, read, removed. */
  readonly withOutputFile: (use: (path: string) => Promise<void>) => Promise<string>;
}

export const DEPLOY_USAGE = `npm run deploy                     checks rules and types, migrates the database, deploys, looks whether it answers
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
            ? `Could not ${says}: the code from before goes on running, on the new schema, which it can. Mend what wrangler says and run this again.`
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
      "\nDeployed. No address of it is known, so nobody asked whether it is well: set PUBLIC_URL in wrangler.toml where a route leads to it, or turn workers_dev on.",
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
    `It was deployed, but ${problem}. Look: npx wrangler tail ${environment.flag}; back: ${undo}.`,
  );
}

function stop(io: DeployIo, why: string): number {
  io.err(why);
  return 1;
}
