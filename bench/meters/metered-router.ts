import { withDeps } from "../../test/with-deps.ts";
import type { Env } from "../../src/platform.ts";
import { consumeDeliveries } from "../../src/notify/webhooks/deliver.ts";
import type { DeliverMessage, NotifyMessage, RouteMessage } from "../../src/record/messages.ts";
import type { Deps } from "../../src/ports/deps.ts";
import router from "../../src/index.ts";
import { intakeApp } from "../../src/intake/leads-endpoint.ts";
import { consumeNotifications } from "../../src/notify/notifications.ts";
import { platform } from "../../src/platform.ts";
import { consumeLeads } from "../../src/routing/consumer.ts";
import { v7 as uuidv7 } from "uuid";
import { meterDatabase } from "./metered-database.ts";
import { meterPort, type MeteredPod } from "./metered-pod.ts";
import { consume, meterQueue, type MeteredQueue } from "./metered-queue.ts";
import { meter } from "./usage.ts";

/** What a worker that measures has bound: D1, and the pods as MeteredPod. Queues are the bench's own. */
export interface MeteredEnv extends Omit<Env, "PODS"> {
  readonly PODS: DurableObjectNamespace<MeteredPod>;
}

/**
 * The router's real stages on the real D1 and Durable Objects, with the meter on all that they ask for. Its queues are in the
 * hands of the bench, which says what makes a batch:
 *
 *     export { MeteredPod as Pod } from "./metered-pod.ts";   // what wrangler.toml binds as PODS
 *     const router = openMeteredRouter(env, { chain });
 *     const used = await usageOf(async () => {
 *       await router.post(lead);
 *       await router.routeBatch(100);
 *     });
 */
export interface MeteredRouter {
  readonly deps: Deps;
  readonly leads: MeteredQueue<RouteMessage>;
  readonly notifications: MeteredQueue<NotifyMessage>;
  readonly deliveries: MeteredQueue<DeliverMessage>;
  /** `POST /leads`. Rejects when the lead is not received. */
  post(
    lead: Readonly<Record<string, unknown>>,
    headers?: Readonly<Record<string, string>>,
  ): Promise<void>;
  /** The consumer of the queue `leads`, once. Yields how many messages it had. */
  routeBatch(size: number): Promise<number>;
  notifyBatch(size: number): Promise<number>;
  deliverBatch(size: number): Promise<number>;
  /** The alarm of a pod, if it is set. */
  ring(podId: string): Promise<boolean>;
  /** The cron of wrangler.toml, as the Worker has it. */
  runCron(): Promise<void>;
}

/**
 * How old a lead is as soon as it is posted, in milliseconds: past the sweep's grace of a minute, so that the next cron looks at
 * it as it would look at a healthy lead.
 */
const AGE_MS = 2 * 60_000;
/** The router looks at nothing of it. */
const CRON: ScheduledController = { cron: "* * * * *", scheduledTime: 0, noRetry: () => {} };
const SLACK = "https://slack.bench/hook";

export function openMeteredRouter(
  env: MeteredEnv,
  overrides: Partial<Deps> & Pick<Deps, "chain">,
): MeteredRouter {
  const db = meterDatabase(env.DB);
  const leads = meterQueue<RouteMessage>();
  const notifications = meterQueue<NotifyMessage>();
  const deliveries = meterQueue<DeliverMessage>();
  const deps: Deps = {
    ...platform(withPods(env)),
    db,
    leads,
    notifications,
    deliveries,
    destinations: [],
    pod: (podId) => meterPort(env.PODS.getByName(podId)),
    secret: (name) => (name.startsWith("SLACK_") && name.endsWith("_WEBHOOK_URL") ? SLACK : null),
    async fetch() {
      meter.subrequests += 1;
      return new Response("ok");
    },
    // Nothing here is late: no limit of time runs out.
    sleep: () => new Promise(() => {}),
    log: () => {},
    ...overrides,
  };
  const earlier: Deps = {
    ...deps,
    now: () => deps.now() - AGE_MS,
    newId: () => uuidv7({ msecs: deps.now() - AGE_MS }),
  };
  // Between messages to one channel a second passes: not here, where nothing is timed.
  const hasty: Deps = { ...deps, sleep: async () => {} };
  const intake = withDeps(intakeApp(), () => earlier);
  return {
    deps,
    leads,
    notifications,
    deliveries,
    async post(lead, headers = {}) {
      meter.workerRequests += 1;
      const response = await intake.request("/leads", {
        method: "POST",
        headers: { "Content-Type": "application/json", ...headers },
        body: JSON.stringify(lead),
      });
      if (response.status !== 200)
        throw new Error(`a lead was answered ${response.status}: ${await response.text()}`);
    },
    routeBatch: (size) => consume(leads, size, (batch) => consumeLeads(deps, batch)),
    notifyBatch: (size) =>
      consume(notifications, size, (batch) => consumeNotifications(hasty, batch)),
    deliverBatch: (size) => consume(deliveries, size, (batch) => consumeDeliveries(hasty, batch)),
    ring: (podId) => env.PODS.getByName(podId).ring(),
    async runCron() {
      meter.workerRequests += 1;
      await router.scheduled(CRON, { ...withPods(env), DB: db });
    },
  };
}

/** To the router a metered pod is a pod like any other. */
function withPods({ PODS, ...env }: MeteredEnv): Env {
  return { ...env, PODS };
}
