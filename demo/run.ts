import { setTimeout as sleep } from "node:timers/promises";
import type { Chain } from "../src/rules/chain.ts";
import { createApiClient, type ApiClient } from "./api-client.ts";
import { followLeads, type Followed } from "./follow-leads.ts";
import { planRun, readArguments, USAGE, type Plan } from "./plan.ts";
import { pickStory, renderDecidedLead, renderLeadHeading, renderStory } from "./print-leads.ts";
import { renderFile, renderHeader, renderRules, renderTeam } from "./print-start.ts";
import {
  renderConsistency,
  renderFailure,
  renderLogs,
  renderNextSteps,
  renderRefused,
  renderServing,
  renderShares,
  renderTimes,
  renderUnassigned,
  renderUndecided,
} from "./print-summary.ts";
import { startRouter, type RunningRouter } from "./router.ts";
import { setUpTeam } from "./sample-team.ts";
import { listenToSlack, type SlackLog } from "./slack.ts";
import { openTerminal, trackProgress } from "./terminal.ts";

// `npm run demo`: the real Worker on this machine, a sample team, and leads that are posted and followed
// until each has its decision.

/** How many decisions of a long file are shown; the rest are only counted. */
const SHOWN_DECISIONS = 200;
/** How long to wait for the last Slack messages, which may wait for two batches of the queue, 1 s each. */
const SLACK_PATIENCE_MS = 6_000;
/** The exit code that shells use for a program ended by Ctrl-C. */
const INTERRUPTED = 130;

const terminal = openTerminal(process.stdout);
const closing = new AsyncDisposableStack();
let readLogs: RunningRouter["readLogs"] = () => [];
let exitCode = INTERRUPTED;

const interrupted = Promise.withResolvers<void>();
// A closed pipe, as with `| head`, ends the demo like Ctrl-C.
process.stdout.on("error", () => interrupted.resolve());

try {
  await Promise.race([runDemo(), interrupted.promise]);
} catch (error) {
  terminal.showProgress(null);
  terminal.print(...renderFailure(error, readLogs()));
  exitCode = 1;
}
terminal.showProgress(null);
await closing.disposeAsync();
process.exit(exitCode);

async function runDemo(): Promise<void> {
  const options = readArguments(process.argv.slice(2));
  if (options.help) {
    terminal.print(USAGE);
    exitCode = 0;
    return;
  }
  // Imported here, so that an invalid rules.ts is reported like any other failure.
  const { default: chain } = await import("../rules.ts");
  const plan = await planRun(chain, options.csvPath);
  terminal.print(...renderHeader());

  terminal.showProgress("starting the Worker …");
  const slack = await listenToSlack(terminal);
  closing.defer(() => slack.close());
  const router = await startRouter(slack, closing);
  readLogs = router.readLogs;
  handleSignals();
  const api = createApiClient(router);
  terminal.showProgress("setting up the team …");
  await setUpTeam(api, plan.reps, plan.members, Date.now());
  terminal.showProgress(null);
  terminal.print(...renderRules(chain), "", ...renderTeam(plan, chain.pods, Date.now()));

  const followed = await routeLeads(api, plan, slack);
  const counts = await api.getConsistency();
  const accepted = followed.decided.length + followed.undecided.length;
  const complete = counts.balanced && counts.undecided === 0 && counts.leads === accepted;
  exitCode = complete ? 0 : 1;
  terminal.print(
    ...summarise(followed, plan, chain),
    "",
    ...renderConsistency(counts, complete, slack.announced),
    "",
  );

  if (!complete) terminal.print(...renderLogs(readLogs()));
  const [example] = followed.decided;
  if (options.serve && example !== undefined) {
    terminal.print(...renderServing(router, (pickStory(followed.decided) ?? example).lead.id));
    await interrupted.promise;
    return;
  }
  terminal.print(...renderNextSteps());
}

/** From here on, Ctrl-C ends the demo cleanly. Wrangler's own listeners would exit immediately. */
function handleSignals(): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.removeAllListeners(signal);
    process.once(signal, () => interrupted.resolve());
  }
}

/** Posts the leads and shows their decisions and Slack messages. */
async function routeLeads(api: ApiClient, plan: Plan, slack: SlackLog): Promise<Followed> {
  const { leads, pace, file } = plan;
  const showProgress = trackProgress(terminal, leads.length, leads.length > SHOWN_DECISIONS);
  if (file !== null) terminal.print("", ...renderFile(file, leads.length));
  terminal.print("", ...renderLeadHeading());
  const followed = await followLeads(
    api,
    leads,
    pace,
    { now: Date.now, sleep: (milliseconds) => sleep(milliseconds) },
    (decided, counts) => {
      if (counts.decided <= SHOWN_DECISIONS) terminal.print(...renderDecidedLead(decided));
      else if (slack.showing)
        terminal.print("", `… ${SHOWN_DECISIONS} decisions are shown; the rest are only counted`);
      slack.showing = counts.decided <= SHOWN_DECISIONS;
      showProgress(counts);
    },
  );
  terminal.showProgress(null);
  const patience = Date.now() + SLACK_PATIENCE_MS;
  while (slack.announced.leads < followed.decided.length && Date.now() < patience) await sleep(100);
  slack.showing = true;
  return followed;
}

function summarise(followed: Followed, plan: Plan, { pods }: Chain): string[] {
  const { decided, refused, undecided } = followed;
  const story = pickStory(decided);
  return [
    ...(story === undefined ? [] : ["", ...renderStory(story)]),
    "",
    ...renderShares(decided, plan, pods),
    "",
    ...renderUnassigned(decided),
    ...renderRefused(refused),
    ...renderUndecided(undecided),
    "",
    ...renderTimes(decided),
  ];
}
