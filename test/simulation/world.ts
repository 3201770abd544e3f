import { v7 as uuidv7 } from "uuid";
import type { Chain } from "../../src/rules/chain.ts";
import type { DecisionKey } from "../../src/record/decision-key.ts";
import type { Deps } from "../../src/ports/deps.ts";
import type { NotifyMessage, RouteMessage } from "../../src/record/messages.ts";
import { rollUp } from "../../src/ops/metrics/roll-up.ts";
import { consumeDeadNotifications, consumeNotifications } from "../../src/notify/notifications.ts";
import { consumeDeadLeads, consumeLeads } from "../../src/routing/consumer.ts";
import { type Delivery } from "../../src/lib/queue.ts";
import { sweep } from "../../src/sweep/sweep.ts";
import { NO_BUG, type Bug } from "./bug.ts";
import { Checks } from "./checks.ts";
import { SimulatedD1 } from "./database.ts";
import { drawWeather, Network, type Process, type Weather } from "./network.ts";
import { SimulatedPod } from "./pods.ts";
import { SimulatedQueue } from "./queue.ts";
import { Random } from "./random.ts";
import { chains, POD_IDS } from "./rules.ts";
import { Scheduler } from "./scheduler.ts";
import { SimulatedSlack } from "./slack.ts";

/** Late in the day in Berlin: every run crosses a change of day in some rep's zone. */
export const START = Date.UTC(2026, 9, 24, 21, 30);

const MINUTE = 60_000;

const SECRETS: ReadonlyMap<string, string> = new Map([
  ["SLACK_WEBHOOK_URL", "https://slack.test/assignments"],
  ["SLACK_OPS_WEBHOOK_URL", "https://slack.test/ops"],
]);

/** A whole router in one process: the real stages, stand-ins around them, one scheduler that owns time. */
export class World {
  readonly random: Random;
  readonly scheduler: Scheduler;
  readonly network: Network;
  readonly d1: SimulatedD1;
  readonly pods: ReadonlyMap<string, SimulatedPod>;
  readonly leads: SimulatedQueue<RouteMessage>;
  readonly deadLeads: SimulatedQueue<RouteMessage>;
  readonly notifications: SimulatedQueue<NotifyMessage>;
  readonly deadNotifications: SimulatedQueue<NotifyMessage>;
  readonly slack: SimulatedSlack;
  readonly trace: string[] = [];
  readonly violations: string[] = [];
  readonly bug: Bug;
  readonly checks: Checks;
  chain: Chain = chains[0];
  sweeping = true;
  /** How often D1 was set back. */
  era = 0;
  /** The share of runs in which it is. */
  restores = 0.25;
  /** Whether the queues rest meanwhile. */
  pausing = true;
  /** Whether an epoch begins then. */
  beginsEpoch = true;
  readonly #weather: Weather;
  #processes = 0;
  readonly #running = new Set<Process>();

  constructor(
    seed: number,
    {
      bug = NO_BUG,
      traced = false,
      weather,
    }: { bug?: Bug; traced?: boolean; weather?: Weather } = {},
  ) {
    this.bug = bug;
    this.random = new Random(seed);
    this.scheduler = new Scheduler(START, this.random);
    const trace = traced
      ? (line: string) => this.trace.push(`${stamp(this.scheduler.now)}  ${line}`)
      : () => {};
    this.note = trace;
    this.#weather = weather ?? bug.weather(drawWeather(this.random));
    this.network = new Network(this.scheduler, this.#weather, trace);
    this.checks = new Checks(this);
    this.network.onEffect = () => this.checks.afterEffect();
    this.d1 = new SimulatedD1(
      this.network,
      (sql, process) => bug.sql(sql, process, this),
      (sqls) => bug.cut(sqls),
    );
    bug.prepare(this);
    const pod = {
      ...this,
      chain: () => this.chain,
      bend: bug.pod(this),
      trace,
      callPasses: (process: Process, leads: readonly DecisionKey[]) =>
        this.leads.outbox(process).send(leads),
    };
    this.pods = new Map(POD_IDS.map((id) => [id, new SimulatedPod(id, pod)]));
    for (const one of this.pods.values()) one.onDraw = (...draw) => this.checks.watchDraw(...draw);
    this.slack = new SimulatedSlack(this);

    const queue = {
      scheduler: this.scheduler,
      network: this.network,
      maxAttempts: this.#weather.maxAttempts,
    };
    this.deadLeads = new SimulatedQueue({
      ...queue,
      name: "leads-dead",
      maxBatch: 1,
      consume: (batch) => this.run("dead leads", (deps) => consumeDeadLeads(deps, batch)),
      onExhausted: (body) => this.deadLeads.add(body),
    });
    this.leads = new SimulatedQueue({
      ...queue,
      name: "leads",
      maxBatch: 12,
      consume: (batch) =>
        this.run("router", (deps, process) => consumeLeads(deps, this.#watched(batch, process))),
      onExhausted: (body) => this.deadLeads.add(body),
    });
    this.deadNotifications = new SimulatedQueue({
      ...queue,
      name: "notifications-dead",
      maxBatch: 1,
      consume: (batch) =>
        this.run("dead notifications", (deps) => consumeDeadNotifications(deps, batch)),
      onExhausted: (body) => this.deadNotifications.add(body),
    });
    this.notifications = new SimulatedQueue({
      ...queue,
      name: "notifications",
      maxBatch: 6,
      consume: (batch) => this.run("notifier", (deps) => consumeNotifications(deps, batch)),
      onExhausted: (body) => this.deadNotifications.add(body),
    });
    this.#cron();
  }

  /** Writes a line of the trace. */
  readonly note: (line: string) => void;

  /** Runs a handler as a process of its own; resolves with its result, or never when the process dies. */
  async run<Result>(
    name: string,
    handler: (deps: Deps, process: Process) => Promise<Result>,
  ): Promise<Result> {
    const { slowClocks, slowest } = this.#weather;
    const skew = this.random.chance(slowClocks)
      ? this.random.whole(-slowest, 2000)
      : this.random.whole(-50, 50);
    const [last] = this.d1.read<{ no: number | null }>("SELECT max(no) AS no FROM commits");
    const startCommit = last?.no ?? 0;
    const process: Process = {
      name: `${name} ${++this.#processes}`,
      dead: false,
      skew,
      startCommit,
      era: this.era,
    };
    this.#running.add(process);
    try {
      return await handler(this.deps(process), process);
    } finally {
      this.#running.delete(process);
    }
  }

  pauseQueues(): void {
    for (const queue of this.#queues()) queue.pause();
  }

  resumeQueues(): void {
    for (const queue of this.#queues()) queue.resume();
  }

  #queues() {
    return [this.leads, this.deadLeads, this.notifications, this.deadNotifications];
  }

  /** Kills every process at once, and the queues' memory with them, as when a local server dies. */
  killAll(): void {
    this.note("everything is killed");
    for (const process of this.#running) process.dead = true;
    this.#running.clear();
    for (const pod of this.pods.values()) pod.evict();
    // A spilled lead is nowhere but on the queue: only a queue that keeps its promise can save it.
    const lost =
      this.leads.lose(({ spilled }) => spilled === undefined) +
      this.deadLeads.lose(({ spilled }) => spilled === undefined) +
      this.notifications.lose(() => true) +
      this.deadNotifications.lose(() => true);
    this.note(`${lost} messages are lost`);
    this.network.faults.set("killed", (this.network.faults.get("killed") ?? 0) + 1);
  }

  deps(process: Process): Deps {
    const now = () => this.scheduler.now + process.skew;
    return this.bug.deps(
      {
        db: this.d1.client(process),
        chain: this.chain,
        forms: [],
        sources: [],
        destinations: [],
        deliveries: { send: async () => {} },
        leads: this.leads.outbox(process),
        notifications: this.notifications.outbox(process),
        pod: (podId) => this.pod(podId).port(process),
        secret: (name) => SECRETS.get(name) ?? null,
        allow: async () => true,
        fetch: (url, init) => this.slack.take(process, url, init),
        now,
        sleep: (milliseconds) => this.scheduler.sleep(milliseconds),
        random: () => this.random.next(),
        newId: () => uuidv7({ msecs: now(), random: this.random.bytes(16) }),
        log: (level, event, detail) =>
          this.note(`${process.name}: ${level} ${event} ${JSON.stringify(detail ?? {})}`),
      },
      process,
      this,
    );
  }

  pod(podId: string): SimulatedPod {
    const pod = this.pods.get(podId);
    if (!pod) throw new Error(`no pod ${podId}`);
    return pod;
  }

  violate(what: string): void {
    this.note(`VIOLATION: ${what}`);
    this.violations.push(what);
  }

  /** True when nothing is under way and nothing waits. */
  isQuiet(): boolean {
    const pending = this.d1.read<{ n: number }>("SELECT count(*) AS n FROM pending")[0]?.n ?? 0;
    const queued =
      this.leads.size + this.deadLeads.size + this.notifications.size + this.deadNotifications.size;
    return pending === 0 && queued === 0 && [...this.pods.values()].every((pod) => pod.isQuiet);
  }

  /** What still goes on, for a run that does not come to rest. */
  describeUnrest(): string {
    const pending = this.d1.read<{ kind: string; lead: string; generation: number; tries: number }>(
      "SELECT kind, lead_id AS lead, generation, tries FROM pending LIMIT 3",
    );
    const queues = [this.leads, this.deadLeads, this.notifications, this.deadNotifications].map(
      ({ size }) => size,
    );
    const pods = [...this.pods.values()].filter((pod) => !pod.isQuiet).map(({ id }) => id);
    return `pending ${JSON.stringify(pending)}, queues ${queues.join(" ")}, pods ${pods.join(" ")}`;
  }

  #cron(): void {
    // Once the storm is over a slower pace finds the same and costs less.
    this.scheduler.after(this.network.calm ? 5 * MINUTE : MINUTE, () => {
      if (!this.sweeping) return;
      this.run("sweep", sweep).catch((error: unknown) =>
        this.note(`sweep failed: ${String(error)}`),
      );
      void this.run("rollup", rollUp);
      this.#cron();
    });
  }

  /** Whoever acks has finished the work or seen it finished: looks at every ack whether that is so. */
  #watched(batch: Delivery<RouteMessage>[], process: Process): Delivery<RouteMessage>[] {
    return batch.map((delivery) => ({
      ...delivery,
      ack: () => {
        delivery.ack();
        // What it finished D1 may have lost; the sweep of the D1 that went back does not count on it.
        if (process.era === this.era) this.#checkAck(delivery.body);
      },
    }));
  }

  #checkAck({ leadId, generation }: RouteMessage): void {
    const [row] = this.d1.read<{ known: number }>(
      `SELECT
         EXISTS (SELECT 1 FROM events WHERE subject_type = 'lead' AND subject_id = ?1 AND generation = ?2
           AND kind LIKE 'notif%')
         OR EXISTS (SELECT 1 FROM pending WHERE lead_id = ?1 AND generation = ?2)
         OR NOT EXISTS (SELECT 1 FROM leads WHERE id = ?1)
         OR (?2 > 1 AND NOT EXISTS (SELECT 1 FROM decisions WHERE lead_id = ?1 AND generation = ?2)) AS known`,
      leadId,
      generation,
    );
    const onItsWay = [...this.notifications.bodies(), ...this.deadNotifications.bodies()].some(
      (message) =>
        message.decisions.some((key) => key.leadId === leadId && key.generation === generation),
    );
    if (!row?.known && !onItsWay && !this.notifications.lost)
      this.violate(`${leadId}/${generation} was acked, and nobody is to hear of it`);
  }
}

function stamp(instant: number): string {
  return new Date(instant).toISOString().slice(11, 23);
}
