import type { Chain } from "../../src/rules/chain.ts";
import type { Deps } from "../../src/ports/deps.ts";
import type { NotifyMessage, RouteMessage } from "../../src/record/messages.ts";
import { rollUp } from "../../src/ops/metrics/roll-up.ts";
import { consumeNotifications } from "../../src/notify/notifications.ts";
import { consumeLeads } from "../../src/routing/consumer.ts";
import { type Delivery } from "../../src/lib/queue.ts";
import { sweep } from "../../src/sweep/sweep.ts";
import { openD1, type SqliteD1 } from "../record/sqlite-d1.ts";
import { openPods } from "./pods.ts";

/** How long each thing takes here, in milliseconds. A real router is less regular, and its D1 sometimes slower. */
const D1_MS = 6;
const SLACK_MS = 180;
const LEADS_WAIT_MS = 540;
const NOTIFICATIONS_WAIT_MS = 310;
/** The real cron runs every minute; that would make no difference here. */
const CRON_MS = 5 * 60_000;

const SECRETS: ReadonlyMap<string, string> = new Map([
  ["SLACK_WEBHOOK_URL", "https://slack.test/assignments"],
  ["SLACK_OPS_WEBHOOK_URL", "https://slack.test/ops"],
]);

/** A router in one process with a manual clock. */
export interface Clockwork {
  readonly db: SqliteD1;
  readonly deps: Deps;
  /** Moves the clock to an instant. On the way, messages are delivered, and alarms and the cron run at their own times. */
  readonly moveTo: (instant: number) => Promise<void>;
  /** From now on only `moveTo` moves the clock, so that the order of calls does not change any answer. */
  readonly stopTime: () => void;
  /** Pods that do not answer. */
  readonly away: Set<string>;
  /** Leads whose messages the queue loses. */
  readonly lost: Set<string>;
  readonly logged: readonly string[];
}

interface Planned {
  readonly at: number;
  readonly run: () => Promise<void>;
}

/** The real stages with mocks around them: D1 on node:sqlite, pods in memory, queues and a Slack that always work. */
export function startClockwork(chain: Chain, start: number): Clockwork {
  let now = start;
  let stopped = false;
  let ids = 0;
  let planned: Planned[] = [];
  const away = new Set<string>();
  const lost = new Set<string>();
  const logged: string[] = [];
  const sqlite = openD1();
  const db = sqlite.through(async (call) => {
    if (!stopped) now += D1_MS;
    return call();
  });
  const plan = (at: number, run: () => Promise<void>) => void planned.push({ at, run });

  /** Delivers a batch until it is acknowledged. */
  function deliver<Body>(
    bodies: readonly Body[],
    consume: (deps: Deps, deliveries: readonly Delivery<Body>[]) => Promise<void>,
    at: number,
    attempts = 1,
  ): void {
    plan(at, async () => {
      const again: { readonly body: Body; readonly after: number }[] = [];
      await consume(
        deps,
        bodies.map((body) => ({
          body,
          attempts,
          ack() {},
          retry: ({ delaySeconds }) => void again.push({ body, after: delaySeconds * 1_000 }),
        })),
      );
      for (const { body, after } of again) deliver([body], consume, now + after, attempts + 1);
    });
  }

  const deps: Deps = {
    db,
    chain,
    forms: [],
    sources: [],
    destinations: [],
    deliveries: { send: async () => {} },
    leads: {
      async send(messages: readonly RouteMessage[]) {
        // Varies like the time that a batch takes to fill, but is the same in every run.
        const wait = LEADS_WAIT_MS + ((ids * 211) % 900);
        deliver(messages, consumeUnlessLost, now + wait);
      },
    },
    notifications: {
      async send(messages: readonly NotifyMessage[]) {
        deliver(messages, consumeNotifications, now + NOTIFICATIONS_WAIT_MS);
      },
    },
    pod: openPods(chain, { db, now: () => now, plan }, away),
    secret: (name) => SECRETS.get(name) ?? null,
    allow: async () => true,
    async fetch() {
      now += SLACK_MS;
      return new Response("ok");
    },
    now: () => now,
    // No time limit ever expires here.
    sleep: () => new Promise(() => {}),
    random: () => 0.5,
    newId: () => makeId(now, ++ids),
    log: (level, event, detail) => logged.push(JSON.stringify({ level, event, ...detail })),
  };

  const consumeUnlessLost: typeof consumeLeads = (to, deliveries) =>
    consumeLeads(
      to,
      deliveries.filter(({ body }) => !lost.has(body.leadId)),
    );

  const ticks = (at: number): void =>
    plan(at, async () => {
      await sweep(deps);
      await rollUp(deps);
      ticks(at + CRON_MS);
    });
  ticks(start + CRON_MS);

  async function moveTo(instant: number): Promise<void> {
    for (;;) {
      const next = planned.toSorted((a, b) => a.at - b.at)[0];
      if (next === undefined || next.at > instant) break;
      planned = planned.filter((one) => one !== next);
      now = Math.max(now, next.at);
      await next.run();
    }
    now = Math.max(now, instant);
  }

  return { db: sqlite, deps, moveTo, stopTime: () => void (stopped = true), away, lost, logged };
}

/** A UUIDv7 of the instant. The rest is derived from the number: it looks random, but is the same in every run. */
function makeId(instant: number, number: number): string {
  const time = instant.toString(16).padStart(12, "0");
  const sequence = (number % 4_096).toString(16).padStart(3, "0");
  const high = (Math.imul(number, 2_654_435_761) >>> 0).toString(16).padStart(8, "0");
  const low = (Math.imul(number, 1_597_334_677) >>> 0).toString(16).padStart(8, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7${sequence}-9${high.slice(0, 3)}-${high.slice(3)}${low.slice(0, 7)}`;
}
