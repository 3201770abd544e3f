import { UsageError } from "../rules/arguments.ts";
import { createRouterClient, LiveError, type RouterClient } from "../rules/router-client.ts";
import { readArguments, USAGE, type RerouteArguments } from "./arguments.ts";
import {
  addStep,
  countLeads,
  listCounts,
  noTotals,
  stepAnswer,
  type StepAnswer,
  type Totals,
} from "./totals.ts";

/** What the command touches outside itself. */
export interface CommandIo {
  readonly out: (line: string) => void;
  readonly err: (line: string) => void;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly fetch: typeof fetch;
  /** A new UUID. */
  readonly newId: () => string;
}

/** `npm run reroute`. Yields the exit code: 0 done, 1 broken off, 2 not understood. */
export async function rerouteCommand(args: readonly string[], io: CommandIo): Promise<number> {
  let wish: ReturnType<typeof readArguments>;
  try {
    wish = readArguments(args, io.env);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    io.err(error.message);
    return 2;
  }
  if (wish.help) {
    io.out(USAGE);
    return 0;
  }
  const bulk = wish.bulk ?? io.newId();
  try {
    await lookThenReroute(createRouterClient(wish.address, io), wish, bulk, io);
    return 0;
  } catch (error) {
    if (!(error instanceof LiveError)) throw error;
    io.err(error.message);
    if (wish.yes)
      io.err(`Carry on with the same command and --bulk ${bulk}: no lead is re-routed twice.`);
    return 1;
  }
}

async function lookThenReroute(
  router: RouterClient,
  wish: RerouteArguments,
  bulk: string,
  io: CommandIo,
): Promise<void> {
  const seen = noTotals();
  await takeSteps(router, wish, bulk, true, (step) => addStep(seen, step));
  print(io, `${countLeads(seen)} leads ${wish.yes ? "are to be" : "would be"} re-routed`, seen);
  if (!wish.yes) {
    if (countLeads(seen) > 0) io.out("Nothing was changed. Repeat it with --yes to do it.");
    return;
  }
  const done = noTotals();
  await takeSteps(router, wish, bulk, false, (step) => {
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

function print(io: CommandIo, title: string, { byOwner, byRule, leftAlone }: Totals): void {
  io.out(title);
  if (byOwner.size > 0) io.out(`  who had them   ${listCounts(byOwner)}`);
  if (byRule.size > 0) io.out(`  by rule        ${listCounts(byRule)}`);
  if (leftAlone.size > 0) io.out(`  left alone     ${listCounts(leftAlone)}`);
}
