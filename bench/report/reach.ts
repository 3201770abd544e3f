import { LOOK_LIMIT } from "../../src/record/marks.ts";
import { MAX_LOOKS } from "../../src/sweep/sweep.ts";
import type { Figure } from "../bench.ts";
import { BYTES_FIGURE, POD_FIGURE, STATEMENTS_FIGURE } from "../cost/cost-figures.ts";
import { LEADS_PER_MESSAGE } from "../../src/notify/slack/lead-message.ts";
import { SLACK_LIMITS } from "../../src/notify/slack/format.ts";
import { formatNumber } from "./numbers.ts";

/** What Cloudflare says that one of each takes. */
const PUBLISHED = {
  /** "If your average query takes 1 ms, you can run approximately 1,000 queries per second" (D1 limits). */
  d1Statements: 1_000,
  /** Bytes of a database (D1 limits: 10 GB). */
  d1Bytes: 10e9,
  /** Requests a second of a Durable Object that writes to its storage: 200 to 500 (Rules of Durable Objects); the lower. */
  podRequests: 200,
  /** Messages a second of a queue (Queues limits). */
  queueMessages: 5_000,
} as const;

/** Leads that a run of the cron looks at, and audit rows it counts (MAX_STEPS × MAX_KEYS in src/metrics). */
const SWEPT = LOOK_LIMIT * MAX_LOOKS;
const ROLLED_UP = 10_000;
/** Audit rows of a healthy lead: its decision and its notification. */
const AUDIT_ROWS = 2;
/** Runs of the cron in a second. */
const CRON = 1 / 60;
const DAY_S = 24 * 60 * 60;

/** One part of the platform, and how far it carries. */
export interface Reach {
  readonly part: string;
  readonly arithmetic: string;
  /** Leads a second, sustained; null = a limit of another kind. */
  readonly leadsPerSecond: number | null;
  readonly beyond: string;
}

/**
 * How many leads a second each part sustains: Cloudflare's published limits divided by what the cost bench counted of a lead.
 * Empty when that did not run.
 */
export function listReach(figures: readonly Figure[]): readonly Reach[] {
  const read = (wanted: string) => figures.find(({ name }) => name === wanted)?.value;
  const statements = read(STATEMENTS_FIGURE);
  const requests = read(POD_FIGURE);
  const bytes = read(BYTES_FIGURE);
  if (statements === undefined || requests === undefined || bytes === undefined) return [];
  const door = figures.find(({ unit }) => unit === "requests/s")?.value;
  const routing = figures.find(({ unit }) => unit === "leads/s")?.value;
  const leadsKept = PUBLISHED.d1Bytes / bytes;
  return [
    {
      part: "One D1, statements",
      arithmetic: `${formatNumber(PUBLISHED.d1Statements)} statements/s of 1 ms each ÷ ${formatNumber(statements)} statements a lead`,
      leadsPerSecond: PUBLISHED.d1Statements / statements,
      beyond:
        "One database takes one statement at a time, and those of a pass, over 100 leads each, take longer than 1 ms: the measured rate is lower. Beyond it, a deployment for each region or brand: they share nothing.",
    },
    ...(door === undefined || routing === undefined
      ? []
      : [
          {
            part: "One D1, as measured here",
            arithmetic: `door and routing in turn, with Worker and pod on one thread: 1 ÷ (1/${formatNumber(door)} + 1/${formatNumber(routing)})`,
            leadsPerSecond: 1 / (1 / door + 1 / routing),
            beyond:
              "On Cloudflare Worker and pod run beside D1, not on its thread: between this and the line above.",
          },
        ]),
    {
      part: "One D1, size",
      arithmetic: `10 GB ÷ ${formatNumber(bytes)} bytes a lead = ${formatNumber(leadsKept / 1e6)} million leads: ${formatNumber(leadsKept / 10_000 / 365)} years of 10,000 a day`,
      leadsPerSecond: null,
      beyond:
        "The size of a database cannot be raised: leads that are old enough leave it, or a new deployment takes over and the old one stays for reading.",
    },
    {
      part: "One pod",
      arithmetic: `${PUBLISHED.podRequests} requests/s, each with its writes ÷ ${formatNumber(requests)} requests a lead`,
      leadsPerSecond: PUBLISHED.podRequests / requests,
      beyond: "Another pod: each is a Durable Object of its own.",
    },
    {
      part: "One queue",
      arithmetic: `${formatNumber(PUBLISHED.queueMessages)} messages/s ÷ 1 message a lead`,
      leadsPerSecond: PUBLISHED.queueMessages,
      beyond:
        "D1 is reached first; what comes faster waits in the queue, for up to four days (the default retention).",
    },
    {
      part: "One Slack channel",
      arithmetic: `${SLACK_LIMITS.messagesPerSecond} message/s × up to ${LEADS_PER_MESSAGE} leads a message`,
      leadsPerSecond: SLACK_LIMITS.messagesPerSecond * LEADS_PER_MESSAGE,
      beyond:
        "Assignments do not wait for Slack, announcements do. A channel for each pod, or direct messages.",
    },
    {
      part: "The cron's rollup of metrics",
      arithmetic: `${formatNumber(ROLLED_UP)} audit rows a minute ÷ ${AUDIT_ROWS} rows a lead`,
      leadsPerSecond: (ROLLED_UP * CRON) / AUDIT_ROWS,
      beyond: `A mean over the day, of ${formatNumber(((ROLLED_UP * CRON) / AUDIT_ROWS) * DAY_S)} leads: after a burst metrics say how far they count, and catch up.`,
    },
    {
      part: "The cron's sweep",
      arithmetic: `${SWEPT} leads a minute`,
      leadsPerSecond: SWEPT * CRON,
      beyond: `A mean over the day, of ${formatNumber(SWEPT * CRON * DAY_S)} leads: a healthy lead needs no sweep, one that was lost on its way is found later while the sweep catches up. MAX_LOOKS in src/sweep/sweep.ts raises it.`,
    },
  ];
}
