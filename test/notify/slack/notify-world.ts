import { chain, fallback, pod, type Chain } from "lead-router";
import type { Lead } from "../../../src/rules/lead.ts";
import type { DecisionKey } from "../../../src/record/decision-key.ts";
import type { Deps } from "../../../src/ports/deps.ts";
import type { NotifyMessage } from "../../../src/record/messages.ts";
import { smallestLeadId } from "../../../src/lib/ids.ts";
import { insertLead } from "../../../src/record/leads.ts";
import { consumeNotifications } from "../../../src/notify/notifications.ts";
import { rows } from "../../../src/lib/query.ts";
import { leadOf } from "../../intake/api/fakes.ts";
import { openD1, type SqliteD1 } from "../../record/sqlite-d1.ts";
import { NOW } from "./announcements.ts";

/** Longest pause of ours between two messages; what is longer is the limit of a call, and never runs out here. */
const LONGEST_PAUSE_MS = 5_000;

export interface NotifyWorld {
  readonly db: SqliteD1;
  readonly deps: Deps;
  readonly clock: { now: number };
  /** What was handed back to the queue. */
  readonly queue: NotifyMessage[];
  readonly logged: string[];
  /** Stores a lead with its decision: it goes to a rep of the pod "dach", or to nobody. */
  readonly decide: (changes?: Partial<Lead> & { owner?: string | null }) => Promise<DecisionKey>;
  /** Delivers a message with these decisions; yields what became of it. */
  readonly deliver: (keys: readonly DecisionKey[], attempts?: number) => Promise<Delivered>;
  /** What the audit says of notifications, in order. */
  readonly ended: () => { kind: string; lead: string; detail: Record<string, unknown> }[];
  readonly marks: () => Record<string, unknown>;
}

type Delivered = "acked" | { readonly retriedAfter: number };

/** The notifications' consumer with a database, a clock that pauses move, and whatever secrets a test sets. */
export function openNotifyWorld({
  secrets,
  reps = { ana: "U0ANA", bo: "U0BO" },
  rules = chain(fallback(pod("dach", { slack: "SLACK_DACH_WEBHOOK_URL" }))),
  ...overrides
}: {
  secrets: Record<string, string>;
  reps?: Record<string, string | null>;
  rules?: Chain;
} & Partial<Deps>): NotifyWorld {
  const db = openD1();
  const clock = { now: NOW };
  const queue: NotifyMessage[] = [];
  const logged: string[] = [];
  let ids = 0;
  for (const [id, slackUserId] of Object.entries(reps))
    db.sqlite
      .prepare("INSERT INTO reps (id, name, slack_user_id, time_zone) VALUES (?, ?, ?, 'UTC')")
      .run(id, id === "ana" ? "Ana Alvarez" : id, slackUserId);
  const nobody = () => {
    throw new Error("nobody asks for that here");
  };
  const deps: Deps = {
    db,
    chain: rules,
    forms: [],
    sources: [],
    destinations: [],
    deliveries: { send: async () => {} },
    leads: { send: nobody },
    notifications: { send: async (messages) => void queue.push(...messages) },
    pod: nobody,
    secret: (name) => secrets[name] ?? null,
    allow: nobody,
    fetch,
    now: () => clock.now,
    sleep: async (milliseconds) => {
      if (milliseconds > LONGEST_PAUSE_MS) return await new Promise(() => {});
      clock.now += milliseconds;
    },
    random: () => 0.5,
    newId: () => smallestLeadId(NOW + 1_000_000 + ++ids),
    log: (...line) => void logged.push(JSON.stringify(line)),
    ...overrides,
  };
  let leads = 0;

  return {
    db,
    deps,
    clock,
    queue,
    logged,
    async decide({ owner = "ana", ...changes } = {}) {
      const id = smallestLeadId(NOW - 100_000 + ++leads);
      const email = `lead-${leads}@acme.test`;
      await rows(
        db,
        insertLead(leadOf(id, { email, receivedAt: clock.now - 3_000, ...changes }), null),
      );
      const [podId, claim, day] =
        owner === null ? [null, null, null] : ["dach", leads, "2026-11-22"];
      db.sqlite
        .prepare(
          `INSERT INTO decisions VALUES (?, 1, ?, ?, ?, ?, ?, 'r', ?, '[]', 'v', ?, ?, 1, 1, 'router')`,
        )
        .run(
          id,
          owner === null ? "unassigned" : "assigned",
          owner,
          day,
          podId,
          claim,
          owner === null ? "No rule found a rep." : `${owner} was next in dach.`,
          clock.now,
          clock.now,
        );
      return { leadId: id, generation: 1 };
    },
    async deliver(keys, attempts = 1) {
      let outcome: Delivered | null = null;
      await consumeNotifications(deps, [
        {
          body: { decisions: keys },
          attempts,
          ack: () => void (outcome ??= "acked"),
          retry: ({ delaySeconds }) => void (outcome ??= { retriedAfter: delaySeconds }),
        },
      ]);
      if (outcome === null) throw new Error("the message was neither acknowledged nor put off");
      return outcome;
    },
    ended: () =>
      db.sqlite
        .prepare("SELECT kind, subject_id, detail FROM events WHERE kind LIKE 'notif%' ORDER BY id")
        .all()
        .map(({ kind, subject_id, detail }) => ({
          kind: String(kind),
          lead: String(subject_id),
          detail: JSON.parse(String(detail)),
        })),
    marks: () =>
      Object.fromEntries(
        db.sqlite
          .prepare("SELECT name, value FROM marks WHERE name LIKE 'slack:%' ORDER BY name")
          .all()
          .map(({ name, value }) => [String(name), JSON.parse(String(value))]),
      ),
  };
}
