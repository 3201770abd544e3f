import { chain, fallback, pod } from "lead-router";
import { v7 as uuidv7 } from "uuid";
import { onTestFinished, vi } from "vitest";
import type { Lead } from "../../../src/rules/lead.ts";
import { consumeDeliveries } from "../../../src/notify/webhooks/deliver.ts";
import type { DeliverMessage, NotifyMessage } from "../../../src/record/messages.ts";
import { destination } from "../../../src/rules/destination.ts";
import { maintainDeliveries } from "../../../src/notify/webhooks/due.ts";
import type { Deps } from "../../../src/ports/deps.ts";
import { smallestLeadId } from "../../../src/lib/ids.ts";
import { insertLead } from "../../../src/record/leads.ts";
import { consumeNotifications } from "../../../src/notify/notifications.ts";
import { rows } from "../../../src/lib/query.ts";
import { sweep } from "../../../src/sweep/sweep.ts";
import { fakeDeps, leadOf } from "../../intake/api/fakes.ts";
import { openD1 } from "../../record/sqlite-d1.ts";
import { startCrm } from "./crm.ts";

const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
export const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
export const OLD_SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";

const NOW = Date.UTC(2026, 10, 22, 9, 30);
const SLACK = "https://slack.test/";

export const crmDestination = destination("crm", {
  url: "https://crm.example.com/hooks/leads",
  secrets: ["CRM_WEBHOOK_SECRET"],
});

/** A router that tells Slack and a CRM on real HTTP, with queues in the hands of the test and a clock that it moves. */
export async function openDeliveries(overrides: Partial<Deps> = {}) {
  // Not timers: the receiver is real. Its library reads the clock of the process.
  vi.useFakeTimers({ toFake: ["Date"], now: NOW });
  const crm = await startCrm(SECRET);
  onTestFinished(async () => {
    vi.useRealTimers();
    await crm.close();
  });
  const db = openD1();
  db.sqlite.exec(`INSERT INTO reps (id, name, email, time_zone) VALUES
    ('ana', 'Ana Alvarez', 'ana@router.test', 'UTC'), ('bo', 'Bo Berg', 'bo@router.test', 'UTC')`);
  const queue: DeliverMessage[] = [];
  const posts: string[] = [];
  const secrets = new Map([
    ["CRM_WEBHOOK_SECRET", SECRET],
    ["SLACK_WEBHOOK_URL", `${SLACK}assignments`],
    ["SLACK_OPS_WEBHOOK_URL", `${SLACK}ops`],
  ]);
  const { deps, logged } = fakeDeps(db, {
    chain: chain(fallback(pod("everyone"))),
    destinations: [crmDestination],
    deliveries: { send: async (messages) => void queue.push(...messages) },
    notifications: { send: async () => {} },
    leads: { send: async () => {} },
    secret: (name) => secrets.get(name) ?? null,
    async fetch(url, init) {
      if (url.startsWith(SLACK)) {
        posts.push(`${url.slice(SLACK.length)}: ${String(init.body)}`);
        return new Response("ok");
      }
      return await fetch(crm.base + new URL(url).pathname, init);
    },
    now: () => Date.now(),
    sleep: async (milliseconds) => void vi.setSystemTime(Date.now() + milliseconds),
    random: () => 0.5,
    newId: () => uuidv7({ msecs: Date.now() }),
    ...overrides,
  });
  const all = (sql: string, ...values: (string | number)[]) =>
    db.sqlite
      .prepare(sql)
      .all(...values)
      .map((row) => ({ ...row }));
  let leads = 0;
  let commits = 0;

  const world = {
    db,
    deps,
    crm,
    queue,
    posts,
    secrets,
    logged,
    pass: (milliseconds: number) => void vi.setSystemTime(Date.now() + milliseconds),
    /** Stores a lead that came in now, decided for this owner (null = nobody); yields its id. */
    async decide(ownerId: string | null = "ana", changes: Partial<Lead> = {}): Promise<string> {
      // Not the smallest of its instant, but one of its own.
      const id = smallestLeadId(Date.now()).slice(0, -6) + String(++leads).padStart(6, "0");
      await rows(db, insertLead(leadOf(id, { receivedAt: Date.now(), ...changes }), null));
      world.decideAgain(id, 1, ownerId);
      return id;
    },
    decideAgain(leadId: string, generation: number, ownerId: string | null): void {
      db.sqlite
        .prepare(
          `INSERT INTO decisions VALUES (?, ?, ?, ?, ?, NULL, NULL, 'DACH', 'the country is DE', '[]', 'v1', ?, ?, ?, 1, 'router')`,
        )
        .run(
          leadId,
          generation,
          ownerId === null ? "unassigned" : "assigned",
          ownerId,
          ownerId === null ? null : "2026-11-22",
          Date.now(),
          Date.now(),
          ++commits,
        );
    },
    /** Delivers one message of the queue `notifications` to its consumer, for the first time or the n-th (`attempts`). */
    async announce(
      ...ids: (string | { leadId: string; generation: number } | { attempts: number })[]
    ) {
      let attempts = 1;
      const decisions = ids.flatMap((id) => {
        if (typeof id === "string") return { leadId: id, generation: 1 };
        if ("leadId" in id) return id;
        attempts = id.attempts;
        return [];
      });
      const message: NotifyMessage = { decisions };
      return await consume(consumeNotifications, [message], deps, attempts);
    },
    /** Delivers what lies in the queue `deliveries`. */
    flush: () => consume(consumeDeliveries, queue.splice(0), deps),
    /** The cron of one minute, and what it puts into the queue. */
    async minute(minutes = 1): Promise<void> {
      for (let nth = 0; nth < minutes; nth++) {
        world.pass(MINUTE);
        await sweep(deps);
        await maintainDeliveries(deps);
        await world.flush();
      }
    },
    /** What the audit says of deliveries: "kind generation", and its detail. */
    events: (leadId: string) =>
      all(
        `SELECT kind, generation, detail FROM events WHERE subject_id = ? AND kind LIKE 'deliver%' ORDER BY commit_no, id`,
        leadId,
      ).map(({ kind, generation, detail }) => ({
        what: `${String(kind)} ${String(generation)}`,
        ...JSON.parse(String(detail)),
      })),
    listed: () =>
      all("SELECT destination, lead_id, generation, state, tries, cause FROM deliveries"),
    troubles: () => all("SELECT kind, cause, failures FROM destination_troubles ORDER BY kind"),
    all,
  };
  return world;
}

export type DeliveriesWorld = Awaited<ReturnType<typeof openDeliveries>>;

interface Message<Body> {
  readonly body: Body;
  readonly attempts: number;
  ack(): void;
  retry(): void;
}

/** Hands bodies to a consumer as one batch; yields what became of each. */
async function consume<Body>(
  consumer: (deps: Deps, messages: readonly Message<Body>[]) => Promise<void>,
  bodies: readonly Body[],
  deps: Deps,
  attempts = 1,
): Promise<("acked" | "again" | "lost")[]> {
  const outcomes: ("acked" | "again" | "lost")[] = bodies.map(() => "lost");
  await consumer(
    deps,
    bodies.map((body, at) => ({
      body,
      attempts,
      ack: () => void (outcomes[at] = "acked"),
      retry: () => void (outcomes[at] = "again"),
    })),
  );
  return outcomes;
}
