import { type CommandIo, UsageError } from "../command.ts";
import type { RunProgram } from "../deploy/wrangler.ts";
import { ConfigError, type Environment, readEnvironment } from "../deploy/environment.ts";
import {
  type Consistency,
  describeUndo,
  listCommands,
  listWhatIsLeft,
  planRestore,
  type RestoreStep,
  RouterCallError,
  routerCalls,
  type RouterCalls,
} from "./plan-restore.ts";
import { readArguments, USAGE, type RestoreArguments } from "./arguments.ts";

/** What restoring touches outside itself. */
export interface RestoreIo extends CommandIo {
  readonly wrangler: RunProgram;
  readonly readConfig: () => unknown;
  /** Asks the person at the terminal; null = there is none. */
  readonly ask: ((question: string) => Promise<string>) | null;
  readonly fetch: typeof fetch;
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** How often pods that do not answer, or do not agree yet, are looked at again, and how long between, in milliseconds. */
const LOOKS = 5;
const BETWEEN_LOOKS_MS = 5_000;

/** A step failed: what is left to do is said. */
class StepError extends Error {}

/** `npm run restore`. Yields the exit code (see USAGE). */
export async function restoreCommand(args: readonly string[], io: RestoreIo): Promise<number> {
  let options: RestoreArguments;
  let environment: Environment;
  let router: RouterCalls;
  try {
    options = readArguments(args, io.env, io.now());
    if (options.help) return (io.out(USAGE), 0);
    environment = readEnvironment(io.readConfig(), options.environment);
    const steps = planRestore(environment, options.to);
    if (options.dryRun) {
      for (const line of listCommands(environment, options, steps)) io.out(line);
      return 0;
    }
    router = connect(environment, options, io);
    if (!(await isMeant(environment, options, io))) return (io.err("Nothing was done."), 2);
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof ConfigError)) throw error;
    io.err(error.message);
    return 2;
  }
  return await run(planRestore(environment, options.to), environment, options, router, io);
}

function connect(environment: Environment, { url }: RestoreArguments, io: RestoreIo): RouterCalls {
  const address = url ?? environment.publicUrl;
  const token = io.env["LEAD_ROUTER_TOKEN"];
  if (address === null || !/^https?:$/.test(URL.parse(address)?.protocol ?? ""))
    throw new UsageError("Where does the router run? Give --url https://….");
  if (token === undefined || token === "")
    throw new UsageError("Set LEAD_ROUTER_TOKEN to a token that may write.");
  return routerCalls(address.replace(/\/+$/, ""), token, io.fetch);
}

async function isMeant(
  { name, database }: Environment,
  { to, yes }: RestoreArguments,
  io: RestoreIo,
): Promise<boolean> {
  if (yes || to === null) return true;
  if (io.ask === null)
    throw new UsageError("There is no terminal to ask for confirmation. Add --yes to confirm.");
  io.out(`This sets the database of ${name} back to ${to}.`);
  io.out("Everything received, decided and changed since then is gone from it.");
  return (await io.ask(`Type ${database.name} to go on: `)) === database.name;
}

async function run(
  steps: readonly RestoreStep[],
  environment: Environment,
  options: RestoreArguments,
  router: RouterCalls,
  io: RestoreIo,
): Promise<number> {
  let gone = options.to === null;
  for (const [at, step] of steps.entries()) {
    io.out(`${step.says} …`);
    try {
      await take(step, environment, options, router, io);
      gone ||= step.kind === "go_back";
    } catch (error) {
      if (!(error instanceof StepError || error instanceof RouterCallError)) throw error;
      io.err(`Could not ${step.says}: ${error.message}`);
      const paused =
        steps.slice(0, at).some(({ kind }) => kind === "pause") || step.kind === "pause";
      for (const line of listWhatIsLeft(steps, { gone, paused }, options)) io.err(line);
      return 1;
    }
  }
  io.out(
    "Restored. Within a few minutes the sweep retries every lead that is waiting for a decision.",
  );
  return 0;
}

async function take(
  step: RestoreStep,
  environment: Environment,
  options: RestoreArguments,
  router: RouterCalls,
  io: RestoreIo,
): Promise<void> {
  switch (step.kind) {
    case "wait":
      return await io.sleep(step.seconds * 1_000);
    case "ask":
      return checkEnvironment(await router.ask(step.path), environment.name);
    case "rebuild": {
      const { epoch, pods } = await router.rebuild(step.path, options.to);
      io.out(`  epoch ${epoch}`);
      for (const { podId, claims, cause } of pods)
        io.out(`  ${podId}: ${cause === null ? `${claims} claims` : `later, ${cause}`}`);
      return;
    }
    case "verify":
      return await verify(step.path, router, io);
    default: {
      const { ok, stdout, said } = await io.wrangler(step.command);
      if (!ok) throw new StepError(said);
      if (step.kind === "go_back") io.out(`  ${describeUndo(stdout, environment, options)}`);
    }
  }
}

function checkEnvironment(found: string | null, wanted: string): void {
  if (found === wanted) return;
  throw new StepError(
    found === null
      ? `it does not say which it is. Put ENVIRONMENT = "${wanted}" among its variables in wrangler.toml and deploy it.`
      : `it is ${found}, not ${wanted}: look at --url and --env, and at PUBLIC_URL in wrangler.toml.`,
  );
}

async function verify(path: string, router: RouterCalls, io: RestoreIo): Promise<void> {
  for (let look = 1; ; look++) {
    const found = await router.verify(path);
    const problems = findProblems(found);
    if (problems.length === 0) {
      io.out(`  ${found.leads} leads, ${found.undecided} of them to be decided`);
      return;
    }
    if (look === LOOKS) throw new StepError(problems.join("; "));
    await io.sleep(BETWEEN_LOOKS_MS);
  }
}

function findProblems({ balanced, pods }: Consistency): readonly string[] {
  const differ = pods.flatMap(({ podId, claims, held, decisions, version, versionInD1 }) => {
    if (claims === null || held === null) return [`${podId} does not answer`];
    // What it holds was drawn since, for leads in its line: no pass commits it while delivery is paused.
    const settled = claims - held;
    return [
      ...(settled === decisions
        ? []
        : [`${podId} counts ${settled}, ${decisions} decisions name it`]),
      ...(version === versionInD1 ? [] : [`${podId} has roster ${version}, D1 has ${versionInD1}`]),
    ];
  });
  return balanced ? differ : ["the leads do not add up", ...differ];
}
