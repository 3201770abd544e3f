import { UsageError } from "../command.ts";
import { type LiveAddress, readAddress } from "../rules/arguments.ts";
import { createRouterClient, LiveError, type RouterClient } from "../rules/router-client.ts";
import {
  type CommandIo,
  FLAG,
  HELP,
  readOptions,
  refuseSwallowedOptions,
  TEXT,
} from "../command.ts";
import { z } from "zod";

/** What the command touches outside itself. */
export interface RerouteIo extends CommandIo {
  readonly fetch: typeof fetch;
  /** A new UUID. */
  readonly newId: () => string;
}

/** `npm run reroute`. Yields the exit code: 0 done, 1 broken off, 2 not understood. */
export async function rerouteCommand(args: readonly string[], io: RerouteIo): Promise<number> {
  let options: ReturnType<typeof readArguments>;
  try {
    options = readArguments(args, io.env);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    io.err(error.message);
    return 2;
  }
  if (options.help) {
    io.out(USAGE);
    return 0;
  }
  const bulk = options.bulk ?? io.newId();
  try {
    await lookThenReroute(createRouterClient(options.address, io), options, bulk, io);
    return 0;
  } catch (error) {
    if (!(error instanceof LiveError)) throw error;
    io.err(error.message);
    if (options.yes)
      io.err(`Carry on with the same command and --bulk ${bulk}: no lead is re-routed twice.`);
    return 1;
  }
}

async function lookThenReroute(
  router: RouterClient,
  options: RerouteArguments,
  bulk: string,
  io: RerouteIo,
): Promise<void> {
  const seen = noTotals();
  await takeSteps(router, options, bulk, true, (step) => addStep(seen, step));
  print(io, `${countLeads(seen)} leads ${options.yes ? "are to be" : "would be"} re-routed`, seen);
  if (!options.yes) {
    if (countLeads(seen) > 0)
      io.out("Nothing was changed. To re-route these leads, run the same command with --yes.");
    return;
  }
  const done = noTotals();
  await takeSteps(router, options, bulk, false, (step) => {
    addStep(done, step);
    io.out(`  ${countLeads(done)} of ${countLeads(seen)}`);
  });
  print(io, `${countLeads(done)} leads are on their way to a new decision`, done);
  io.out(`In the audit: events with "bulk": "${bulk}" in their detail.`);
}

async function takeSteps(
  router: RouterClient,
  { filter, reason, excludeOwner, includeByHand }: RerouteArguments,
  bulk: string,
  dryRun: boolean,
  take: (step: StepAnswer) => void,
): Promise<void> {
  let cursor: string | null = null;
  do {
    const body: object = {
      filter,
      reason,
      excludeOwner,
      includeByHand,
      dryRun,
      bulk,
      ...(cursor !== null && { cursor }),
    };
    const step: StepAnswer = await router.post("/api/route", body, stepAnswer);
    take(step);
    cursor = step.nextCursor;
  } while (cursor !== null);
}

function print(io: RerouteIo, title: string, { byOwner, byRule, leftAlone }: Totals): void {
  io.out(title);
  if (byOwner.size > 0) io.out(`  who had them   ${listCounts(byOwner)}`);
  if (byRule.size > 0) io.out(`  by rule        ${listCounts(byRule)}`);
  if (leftAlone.size > 0) io.out(`  left alone     ${listCounts(leftAlone)}`);
}

export interface RerouteArguments {
  readonly help: boolean;
  readonly address: LiveAddress;
  /** As `POST /api/route` takes it. */
  readonly filter: Readonly<Record<string, string>>;
  readonly reason: string;
  readonly excludeOwner: boolean;
  readonly includeByHand: boolean;
  /** Re-route; else only look. */
  readonly yes: boolean;
  /** Names a bulk that was broken off and is to be carried on; null = a new one. */
  readonly bulk: string | null;
}

const USAGE = `npm run reroute -- --url URL --from 2026-11-23T08:00:00Z --chain-version VERSION --reason "the DACH rule was wrong"

Sends leads through today's rules again: after wrong rules were live and are taken back. It says what it would do; with --yes
it does it.

  --url URL              where the router runs: https://lead-router.acme.workers.dev
  --token TOKEN          a token that may write; better in the environment, as LEAD_ROUTER_TOKEN
  --from INSTANT         received at or after, with an offset: 2026-11-23T08:00:00Z
  --to INSTANT           received before; left out = until now
  --chain-version V      decided by this version of the rules (GET /api/chain, and every decision, name it)
  --rule, --pod, --owner, --source NAME; --outcome assigned|unassigned
                         of the newest decision; all that is given must hold
  --reason TEXT          for the audit, which keeps it for ever: no address and no number
  --exclude-owner        the present owner does not get the lead again
  --include-by-hand      also what a person gave to its owner
  --yes                  do it
  --bulk UUID            carry on what was broken off: no lead is re-routed twice
  --help                 this

Exit code: 0 done, 1 broken off, 2 not understood.`;

const OPTIONS = {
  url: TEXT,
  token: TEXT,
  from: TEXT,
  to: TEXT,
  "chain-version": TEXT,
  rule: TEXT,
  pod: TEXT,
  owner: TEXT,
  source: TEXT,
  outcome: TEXT,
  reason: TEXT,
  bulk: TEXT,
  "exclude-owner": FLAG,
  "include-by-hand": FLAG,
  yes: FLAG,
  help: HELP,
} as const;

/** Without these more leads would be re-routed than was meant, or back to whom they were to leave. */
const NARROWING = [
  "to",
  "chain-version",
  "rule",
  "pod",
  "owner",
  "source",
  "outcome",
  "exclude-owner",
];

/** @throws {UsageError} on what is no option, on what is missing, and on what npm kept for itself */
export function readArguments(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): RerouteArguments | { readonly help: true } {
  refuseSwallowedOptions("reroute", args, env, NARROWING);
  const values = readOptions(args, OPTIONS, USAGE);
  if (values.help) return { help: true };
  const { url, token = env["LEAD_ROUTER_TOKEN"], from, reason, bulk = null, yes } = values;
  if (url === undefined) throw missing("--url: the router that is to do it");
  if (from === undefined) throw missing("--from: since when the leads were received");
  if (reason === undefined) throw missing("--reason: the audit keeps it");
  const wanted = {
    from,
    to: values.to,
    chainVersion: values["chain-version"],
    rule: values.rule,
    pod: values.pod,
    owner: values.owner,
    source: values.source,
    outcome: values.outcome,
  };
  const filter = Object.fromEntries(
    Object.entries(wanted).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
  return {
    help: false,
    address: readAddress(url, token),
    filter,
    reason,
    excludeOwner: values["exclude-owner"],
    includeByHand: values["include-by-hand"],
    yes,
    bulk,
  };
}

function missing(what: string): UsageError {
  return new UsageError(`There is no ${what}.\n\n${USAGE}`);
}

/** What of an answer of `POST /api/route` is counted. */
const stepAnswer = z.object({
  bulk: z.string(),
  byOwner: z.record(z.string(), z.number()),
  byRule: z.record(z.string(), z.number()),
  leftAlone: z.array(z.object({ leadId: z.string(), why: z.string() })),
  nextCursor: z.string().nullable(),
});
type StepAnswer = z.infer<typeof stepAnswer>;

/** The steps of a bulk, added up: leads by name. */
interface Totals {
  readonly byOwner: Map<string, number>;
  readonly byRule: Map<string, number>;
  readonly leftAlone: Map<string, number>;
}

function noTotals(): Totals {
  return { byOwner: new Map(), byRule: new Map(), leftAlone: new Map() };
}

/** Adds a step. Changes `totals`. */
function addStep(totals: Totals, step: StepAnswer): void {
  for (const [owner, count] of Object.entries(step.byOwner)) add(totals.byOwner, owner, count);
  for (const [rule, count] of Object.entries(step.byRule)) add(totals.byRule, rule, count);
  for (const { why } of step.leftAlone) add(totals.leftAlone, why, 1);
}

function countLeads(totals: Totals): number {
  return [...totals.byOwner.values()].reduce((sum, count) => sum + count, 0);
}

/** "bo 12, cy 3, nobody 1", the most first. */
function listCounts(counts: ReadonlyMap<string, number>): string {
  return [...counts]
    .toSorted(([, one], [, other]) => other - one)
    .map(([name, count]) => `${name} ${count}`)
    .join(", ");
}

function add(counts: Map<string, number>, name: string, count: number): void {
  counts.set(name, (counts.get(name) ?? 0) + count);
}
