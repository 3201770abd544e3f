import { startSlackServer, type SlackServer } from "../../test/notify/slack/slack-server.ts";
import type { Bench, Figure, Section, Table } from "../bench.ts";
import { hireReps } from "../driver/reps.ts";
import { openStage, type Stage } from "../driver/stage.ts";
import { CONCURRENCY } from "../intake/intake-rate.ts";
import { quantile } from "../rounds.ts";
import { awaitLeads, type LeadTimes } from "./journeys.ts";
import { CHANNELS, latencyChain } from "./latency-chain.ts";

/** Parts of capacity (issue 9). The promises hold "at normal load" (DESIGN, section 2.9), which the first two are. */
const LOADS = [
  { part: 0.05, normal: true },
  { part: 0.2, normal: true },
  { part: 0.5, normal: false },
  { part: 0.8, normal: false },
];
/** Received → decided and received → notified, p95 in seconds (DESIGN, section 2.9). */
const DECIDED_LIMIT = 5;
const NOTIFIED_LIMIT = 30;
const SECONDS = 15;
/** Leads that capacity is measured with: some ten seconds, of which the queue's wait for its last batch is one. */
const RUSH = 1_500;
const WARM_UP = 500;
/** What a webhook of Slack's takes to answer, in milliseconds, about; and messages a channel takes at once ("short bursts"). */
const SLACK = { latencyMs: 150, burst: 2 };

/** How long people wait: from the door to the decision, and to the message in Slack. */
export const latencyBench: Bench = {
  name: "latency",
  async run(progress) {
    await using closing = new AsyncDisposableStack();
    const slack = await startSlackServer(SLACK);
    closing.defer(() => slack.close());
    const stage = await openStage(
      { vars: channelUrls(slack), consumes: true, main: "bench/latency/worker.ts" },
      closing,
    );
    await hireReps(
      stage.api,
      latencyChain.pods.map(({ id }) => id),
    );
    progress("warm-up");
    await measureCapacity(stage, slack, "warm-up", WARM_UP);
    progress(`capacity, ${RUSH} leads as fast as they are taken`);
    const capacity = await measureCapacity(stage, slack, "rush", RUSH);

    const measured: Load[] = [];
    for (const { part, normal } of LOADS) {
      const rate = part * capacity;
      progress(`${part * 100} % of capacity: ${rate.toFixed(1)} leads/s for ${SECONDS} s`);
      measured.push({ part, normal, rate, ...(await measureLoad(stage, slack, part, rate)) });
    }
    return describe(capacity, measured);
  },
};

interface Load {
  readonly part: number;
  readonly normal: boolean;
  /** Leads a second: asked for, and those the doors took. */
  readonly rate: number;
  readonly taken: number;
  /** Seconds, sorted. */
  readonly decided: readonly number[];
  readonly notified: readonly number[];
}

function channelUrls(slack: SlackServer): Record<string, string> {
  const urls = Array.from({ length: CHANNELS }, (_, n) => [
    `SLACK_CHANNEL_${n}_URL`,
    slack.webhook(`#channel-${n}`),
  ]);
  return {
    ...Object.fromEntries(urls),
    SLACK_WEBHOOK_URL: slack.webhook("#everyone"),
    SLACK_OPS_WEBHOOK_URL: slack.webhook("#ops"),
  };
}

/** Leads a second from the first post to the last decision, with the doors as busy as can be. */
async function measureCapacity(
  stage: Stage,
  slack: SlackServer,
  tag: string,
  count: number,
): Promise<number> {
  await stage.post({
    contender: "router",
    path: "/leads",
    count,
    concurrency: CONCURRENCY,
    tag,
    channels: CHANNELS,
  });
  const times = await awaitLeads(stage, slack, tag, count);
  const first = Math.min(...times.map(({ receivedAt }) => receivedAt));
  const last = Math.max(...times.map(({ decidedAt }) => decidedAt));
  return (count * 1_000) / (last - first);
}

async function measureLoad(stage: Stage, slack: SlackServer, part: number, rate: number) {
  const tag = `load-${part * 100}`;
  const { elapsedMs, latenciesMs } = await stage.pace({
    rate,
    seconds: SECONDS,
    tag,
    channels: CHANNELS,
  });
  const times = await awaitLeads(stage, slack, tag, latenciesMs.length);
  return {
    taken: (latenciesMs.length * 1_000) / elapsedMs,
    decided: waits(times, ({ decidedAt }) => decidedAt),
    notified: waits(times, ({ notifiedAt }) => notifiedAt),
  };
}

function waits(times: readonly LeadTimes[], until: (one: LeadTimes) => number): number[] {
  return times.map((one) => (until(one) - one.receivedAt) / 1_000).toSorted((a, b) => a - b);
}

function describe(capacity: number, loads: readonly Load[]): Section {
  return {
    title: "End to end",
    intro:
      `Leads posted evenly for ${SECONDS} s, whether those before them are answered or not, at a part of this run's capacity of ${capacity.toFixed(0)} leads/s: the rate from the first of ${RUSH} posts, ` +
      `${CONCURRENCY} at a time, to the last decision. The router's own stages with the queues as wrangler.toml sets them, under rules of ${CHANNELS} pods with a Slack channel each; Slack is a stand-in over HTTP that ` +
      `answers after ${SLACK.latencyMs} ms and takes one message a second from a channel. Decided is the instant of the commit, as GET /api/metrics/time-to-assignment counts; notified is when Slack took the message.`,
    figures: loads.filter(({ normal }) => normal).flatMap(promised),
    tables: [waitsOf(loads)],
    limits: [
      "The wait for a decision is mostly the queue's own: it fills a batch for up to a second (`max_batch_timeout`), which at higher loads it does sooner. The wait for a message is another such second and Slack's answer.",
      `One Slack channel takes a message a second; with up to 24 leads a message that is 24 leads a second, and more than one lead a second arrive in shared messages. ${CHANNELS} channels here, because the loads at and above 20 % are more ` +
        "than one channel tells; reps with a Slack id and a bot token are told directly, five messages a second in all.",
      "Here: capacity is that of one thread for doors, passes, pods and D1, with one consumer. In production doors and passes run in parallel and D1 is what they share, so that the same waits hold at higher rates; the way to D1's primary " +
        "adds tens of milliseconds to each of a pass's two round trips.",
    ],
  };
}

function promised({ part, decided, notified }: Load): Figure[] {
  const figure = (what: string, sorted: readonly number[], limit: number): Figure => ({
    name: `received → ${what}, p95 at ${part * 100} % of capacity`,
    unit: "s",
    value: quantile(sorted, 0.95),
    spread: null,
    target: { of: "value", at: "most", limit },
  });
  return [
    figure("decided", decided, DECIDED_LIMIT),
    figure("Slack accepted", notified, NOTIFIED_LIMIT),
  ];
}

function waitsOf(loads: readonly Load[]): Table {
  const seconds = (sorted: readonly number[], part: number) =>
    Number(quantile(sorted, part).toFixed(2));
  const three = (sorted: readonly number[]) =>
    [0.5, 0.95, 0.99].map((part) => seconds(sorted, part));
  return {
    title: "Seconds from the door",
    columns: [
      "load",
      "leads/s asked",
      "leads/s taken",
      ...["p50", "p95", "p99"].map((name) => `decided ${name}`),
      ...["p50", "p95", "p99"].map((name) => `Slack ${name}`),
    ],
    rows: loads.map(({ part, rate, taken, decided, notified }) => [
      `${part * 100} %`,
      rate.toFixed(1),
      taken.toFixed(1),
      ...three(decided),
      ...three(notified),
    ]),
  };
}
