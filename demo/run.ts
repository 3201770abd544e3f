import { setTimeout as sleep } from "node:timers/promises";
import type { Chain } from "../src/rules/chain.ts";
import { createApiClient, type ApiClient } from "./api-client.ts";
import { readArguments, USAGE } from "./arguments.ts";
import { followLeads, type Followed } from "./follow-leads.ts";
import { listenToSlack, type SlackLog } from "./listen-to-slack.ts";
import { planRun, type Plan } from "./plan.ts";
import { renderConsistency, renderNextSteps, renderServing } from "./print-closing.ts";
import { renderFailure, renderLogs } from "./print-failure.ts";
import { renderFile, renderRefused, renderUndecided } from "./print-file.ts";
import { renderHeader, renderRules } from "./print-header.ts";
import { renderDecidedLead, renderLeadHeading } from "./print-leads.ts";
import { trackProgress } from "./print-progress.ts";
import { pickStory, renderStory } from "./print-story.ts";
import { renderShares, renderTimes, renderUnassigned } from "./print-summary.ts";
import { renderTeam } from "./print-team.ts";
import { startRouter, type RunningRouter } from "./router.ts";
import { setUpTeam } from "./set-up-team.ts";
import { openTerminal } from "./terminal.ts";

/** Decisions of a long file that are shown one by one; the rest is counted. */
const SHOWN_DECISIONS = 200;
/** The last messages may wait for two batches of the local queue, 1 s each; then Slack is not waited for. */
const SLACK_PATIENCE_MS = 6_000;
/** What a shell reports of a program that Ctrl-C ended. */
const INTERRUPTED = 130;

const terminal = openTerminal(process.stdout);
const closing = new AsyncDisposableStack();
let readLogs: RunningRouter["readLogs"] = () => [];
let exitCode = INTERRUPTED;

const interrupted = Promise.withResolvers<void>();
// A reader that went away, as `| head` does, ends the demo like Ctrl-C.
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
  // Loaded here, so that a chain that refuses its rules is told of like any other failure.
  const { default: chain } = await import("../rules.ts");
  const plan = await planRun(chain, options.csvPath);
  terminal.print(...renderHeader());

  terminal.showProgress("starting the worker …");
  const slack = await listenToSlack(terminal);
  closing.defer(() => slack.close());
  const router = await startRouter(slack, closing);
  readLogs = router.readLogs;
  takeSignals();
  const api = createApiClient(router);
  terminal.showProgress("putting the team in place …");
  await setUpTeam(api, plan.reps, plan.members, Date.now());
  terminal.showProgress(null);
  terminal.print(...renderRules(chain), "", ...renderTeam(plan, chain.pods, Date.now()));

  const followed = await routeLeads(api, plan, slack);
  const counts = await api.getConsistency();
  const accepted = followed.decided.length + followed.undecided.length;
  const sound = counts.balanced && counts.undecided === 0 && counts.leads === accepted;
  exitCode = sound ? 0 : 1;
  terminal.print(
    ...summarise(followed, plan, chain),
    "",
    ...renderConsistency(counts, sound, slack.told),
    "",
  );

  if (!sound) terminal.print(...renderLogs(readLogs()));
  const [example] = followed.decided;
  if (options.serve && example !== undefined) {
    terminal.print(...renderServing(router, (pickStory(followed.decided) ?? example).lead.id));
    await interrupted.promise;
    return;
  }
  terminal.print(...renderNextSteps());
}

/** From here on Ctrl-C ends the demo in good order. The listeners that wrangler brought would exit at once. */
function takeSignals(): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.removeAllListeners(signal);
    process.once(signal, () => interrupted.resolve());
  }
}

/** Posts the leads and shows what becomes of them, here and in Slack. */
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
        terminal.print("", `… the first ${SHOWN_DECISIONS} are shown, the rest is counted`);
      slack.showing = counts.decided <= SHOWN_DECISIONS;
      showProgress(counts);
    },
  );
  terminal.showProgress(null);
  const patience = Date.now() + SLACK_PATIENCE_MS;
  while (slack.told.leads < followed.decided.length && Date.now() < patience) await sleep(100);
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
