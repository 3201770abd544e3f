import { withDeps } from "../with-deps.ts";
import { Hono } from "hono";
import { chain, destination, fallback, form, pod, rule, source } from "lead-router";
import { v7 as uuidv7 } from "uuid";
import { onTestFinished, vi } from "vitest";
import { watchAlerts } from "../../src/ops/alerts/watch.ts";
import { apiApp } from "../../src/ops/api/app.ts";
import { docsApp } from "../../src/ops/api/docs/docs.ts";
import type { Lead } from "../../src/rules/lead.ts";
import type { Rule } from "../../src/rules/rule.ts";
import { consumeDeliveries } from "../../src/notify/webhooks/deliver.ts";
import { maintainDeliveries } from "../../src/notify/webhooks/due.ts";
import type { DeliverMessage, NotifyMessage, RouteMessage } from "../../src/record/messages.ts";
import type { Deps } from "../../src/ports/deps.ts";
import { formsApp } from "../../src/intake/forms/form-endpoint.ts";
import { intakeApp } from "../../src/intake/leads-endpoint.ts";
import { writeLog } from "../../src/lib/log.ts";
import { rollUp } from "../../src/ops/metrics/roll-up.ts";
import { consumeDeadNotifications, consumeNotifications } from "../../src/notify/notifications.ts";
import { expireQuarantine } from "../../src/intake/quarantine.ts";
import { dropAbandoned } from "../../src/roster/import.ts";
import { consumeDeadLeads, consumeLeads } from "../../src/routing/consumer.ts";
import { sweep } from "../../src/sweep/sweep.ts";
import { webhooksApp } from "../../src/intake/webhooks/webhook-endpoint.ts";
import { maintainWebhooks } from "../../src/intake/webhooks/unclaimed.ts";
import { openLiveRouter } from "../ops/api/live-router.ts";
import { findCanaries, PERSON, quotingError, REP, SECRETS, WRITER } from "./canaries.ts";

const sdr = pod("sdr");

/** A rule object of somebody's own, which throws what it was shown. */
const careless: Rule = {
  name: "careless",
  kind: "rule",
  pod: sdr,
  definition: {},
  catchesAll: false,
  evaluate({ source: from }) {
    if (from === "poison") throw quotingError();
    return { outcome: "no_match", reason: "is no poison" };
  },
};

function throwsAtSome({ source: from }: Lead): boolean {
  if (from === "thrower") throw quotingError();
  return false;
}

const CHAIN = chain(careless, rule("predicate that throws", throwsAtSome, sdr), fallback(sdr));

/** What fails, and how. */
interface Faults {
  database: boolean;
  pods: boolean;
  queues: boolean;
  /** How whoever is called out to answers: a status and a body, or a call that throws. */
  outside: { status: number; body: string } | "throws";
}

/** The whole router in one process, whose every surrounding may fail with an error that quotes all it knows. */
export async function openCanaryRouter() {
  const lines: string[] = [];
  const write = (...texts: unknown[]) => void lines.push(texts.map(String).join(" "));
  for (const level of ["debug", "log", "info", "warn", "error"] as const) {
    const spy = vi.spyOn(console, level).mockImplementation(write);
    onTestFinished(() => spy.mockRestore());
  }
  const live = openLiveRouter(CHAIN);
  const faults: Faults = {
    database: false,
    pods: false,
    queues: false,
    outside: { status: 200, body: "ok" },
  };
  const [leads, notifications, deliveries]: [RouteMessage[], NotifyMessage[], DeliverMessage[]] = [
    [],
    [],
    [],
  ];
  const boxOf = <Message>(queue: Message[]) => ({
    async send(messages: readonly Message[]) {
      if (faults.queues) throw quotingError();
      queue.push(...structuredClone(messages));
    },
  });
  const secrets: Readonly<Record<string, string>> = SECRETS;
  const callOut = async (url: unknown) => {
    if (faults.outside === "throws") throw quotingError();
    const { status, body } = faults.outside;
    const isApi = (url instanceof Request ? url.url : String(url)).includes("slack.com/api/");
    return new Response(isApi && body === "ok" ? '{"ok":true}' : body, { status });
  };
  // Slack's own client calls out by itself.
  vi.stubGlobal("fetch", callOut);
  onTestFinished(() => void vi.unstubAllGlobals());
  const deps: Deps = {
    ...live.deps,
    db: live.db.through(async (call) => {
      if (faults.database) throw quotingError();
      return call();
    }),
    forms: [
      form("contact", {}),
      form("guarded", { captcha: { turnstile: "TURNSTILE", whenUnreachable: "quarantine" } }),
    ],
    sources: [
      source("typeform", { key: "contact", secrets: ["SECRET_A"] }),
      source("webflow", { key: "dashboard", secrets: ["SECRET_A"], proof: "path" }),
    ],
    destinations: [destination("crm", { url: "CRM_URL", secrets: ["CRM_SECRET"] })],
    leads: boxOf(leads),
    notifications: boxOf(notifications),
    deliveries: boxOf(deliveries),
    pod: (podId) => {
      if (faults.pods) throw quotingError();
      return live.deps.pod(podId);
    },
    secret: (name) => secrets[name] ?? null,
    fetch: callOut,
    // Late enough for whatever it is raced against to have come first.
    sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds / 20)),
    newId: () => uuidv7({ msecs: live.clock.now }),
    log: writeLog,
  };
  const app = new Hono();
  app.route(
    "/",
    withDeps(intakeApp(), () => deps),
  );
  app.route(
    "/",
    withDeps(formsApp(), () => deps),
  );
  app.route(
    "/",
    withDeps(webhooksApp(), () => deps),
  );
  app.route(
    "/api",
    withDeps(apiApp(), () => deps),
  );
  app.route("/", docsApp());
  await live.addRep("bo", { sdr: {} }, { ...REP_VALUES, slackUserId: "U0BO" });

  /** Error answers that gave something away: "POST /leads 422: jane@…". */
  const indiscreet: string[] = [];
  const deliver = <Body>(bodies: Body[], attempts = 1) =>
    bodies.splice(0).map((body) => ({ body, attempts, ack: () => {}, retry: () => {} }));

  return {
    deps,
    faults,
    lines,
    indiscreet,
    queues: { leads, notifications, deliveries },
    /** Asks the router, and looks through its answer if that is an error. Yields the status and the answer. */
    async ask(
      method: string,
      path: string,
      body?: BodyInit | null,
      headers: Readonly<Record<string, string>> = {},
    ) {
      const response = await app.request(
        `https://router.test${path}`,
        { method, body: body ?? null, headers },
        { API_TOKENS: SECRETS.API_TOKENS },
      );
      const text = await response.text();
      const said = JSON.stringify([text, [...response.headers]]);
      if (response.status >= 400 && findCanaries(said).length > 0)
        indiscreet.push(`${method} ${path} ${response.status}: ${text}`);
      return { status: response.status, text };
    },
    async api(method: string, path: string, body?: unknown) {
      return await this.ask(
        method,
        `/api${path}`,
        body === undefined ? null : JSON.stringify(body),
        {
          Authorization: `Bearer ${WRITER}`,
          "Content-Type": "application/json",
        },
      );
    },
    /** Takes everything through the queues once. */
    async pump(attempts = 1) {
      await consumeLeads(deps, deliver(leads, attempts));
      await consumeNotifications(deps, deliver(notifications, attempts));
      await consumeDeliveries(deps, deliver(deliveries, attempts));
    },
    /** The dead letters of both queues. */
    async bury(keys: readonly RouteMessage[]) {
      await consumeDeadLeads(deps, deliver([...keys], 101));
      const decisions = keys.map(({ leadId, generation }) => ({ leadId, generation }));
      await consumeDeadNotifications(deps, deliver([{ decisions }], 101));
    },
    /** What the cron does in a minute, each part by itself. */
    async cron() {
      live.clock.now += 61_000;
      for (const work of CRON) await work(deps).catch(() => {});
    },
  };
}

const REP_VALUES = { name: REP.name, email: REP.email };
const CRON = [
  sweep,
  expireQuarantine,
  maintainWebhooks,
  maintainDeliveries,
  dropAbandoned,
  rollUp,
  watchAlerts,
] as const;

export type CanaryRouter = Awaited<ReturnType<typeof openCanaryRouter>>;

/** A lead of the canary person. */
export function leadText(changes: Readonly<Record<string, string>> = {}): string {
  return JSON.stringify({ ...PERSON, company: "Canary Mail", country: "DE", ...changes });
}
