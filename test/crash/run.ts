import { randomBytes } from "node:crypto";
import { stripVTControlCharacters } from "node:util";
import { readSeed, USAGE } from "./arguments.ts";
import { findBreaches, type Evidence } from "./checks.ts";
import { Journal } from "./journal.ts";
import { readOutcome } from "./outcome.ts";
import { planRounds } from "./plan.ts";
import {
  renderBreaches,
  renderMessages,
  renderPods,
  renderReps,
  renderRound,
  renderVerdict,
  renderWaiting,
} from "./report.ts";
import { runRound, startInstance } from "./round.ts";
import { openSandbox } from "./sandbox.ts";
import { settle } from "./settle.ts";
import { listenAsSlack } from "./slack.ts";
import { findSpills } from "./spills.ts";
import { MEMBERS, REPS } from "./team.ts";
import { createStarter } from "./worker.ts";

// Kills real workerd on real, persistent state, and then asks whether every promise was kept. What the simulation
// assumes of the platform is put to the test here: that D1 and Durable Objects keep what they acknowledged, that
// alarms survive, and that the sweep alone brings back what the local queue forgets with each kill.

/** Lines of the worker's log that a failure shows. */
const LOG_LINES = 20;
/** Share of the forms; kills at the door leave about four fifths. */
const LEAST_STORED = 0.25;

const sandbox = openSandbox();
try {
  const seed = readSeed(process.argv.slice(2), Math.random);
  if (seed === null) console.log(USAGE);
  process.exitCode = seed === null || (await crash(seed)) ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  showLog();
  process.exitCode = 1;
}
// The worker is still up: the sandbox ends it now.
process.exit();

/** True when every promise was kept. */
async function crash(seed: number): Promise<boolean> {
  console.log(`seed ${seed}; the same again: npm run crash -- ${seed}`);
  const journal = new Journal();
  const webhook = await listenAsSlack(journal);
  const token = randomBytes(16).toString("hex");
  const starter = createStarter(sandbox, {
    API_TOKENS: `crash:write:${token}`,
    SLACK_WEBHOOK_URL: webhook,
    SLACK_OPS_WEBHOOK_URL: webhook,
  });
  await starter.migrate();
  const restart = () => startInstance(starter, token);

  let instance = await restart();
  await instance.client.setUpTeam();
  const rounds = planRounds(seed);
  for (const [at, round] of rounds.entries()) {
    const ran = await runRound(round, instance, restart, journal);
    instance = ran.instance;
    console.log(renderRound(at + 1, ran.report));
  }

  console.log("the sweep brings the rest back; it leaves a lead alone for its first 60 s");
  let shown = "";
  const quiet = await settle(instance.client, (consistency, seconds) => {
    const waiting = renderWaiting(consistency);
    if (waiting !== shown) console.log(`${String(seconds).padStart(5)} s  ${waiting}`);
    shown = waiting;
  });

  const evidence: Evidence = {
    ...(await readOutcome(instance.client, [...journal.answers.values()].flat())),
    journal,
    spills: findSpills(sandbox.readLog()),
    reps: REPS,
    members: MEMBERS,
  };
  const breaches = findBreaches(evidence);
  console.log(["", ...renderPods(evidence), renderReps(evidence)].join("\n"));
  console.log([...renderMessages(evidence), "", ...renderBreaches(breaches)].join("\n"));
  if (!quiet) console.log("not quiet after four minutes");
  const posted = rounds.flatMap(({ forms }) => forms).length;
  const telling = evidence.stories.length >= posted * LEAST_STORED;
  if (!telling)
    console.log(`too few of the ${posted} forms were stored for the run to show anything`);
  const kept = quiet && telling && breaches.length === 0;
  if (!kept) showLog();
  console.log(renderVerdict(journal.kills, evidence.stories, breaches));
  return kept;
}

function showLog(): void {
  const log = stripVTControlCharacters(sandbox.readLog());
  const lines = log.split("\n").filter((line) => line.trim() !== "");
  if (lines.length === 0) return;
  console.error(["", "the end of the worker's log:", ...lines.slice(-LOG_LINES)].join("\n"));
}
