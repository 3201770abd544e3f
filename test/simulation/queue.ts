import type { Outbox } from "../../src/lib/queue.ts";
import type { Delivery } from "../../src/lib/queue.ts";
import type { Network, Process } from "./network.ts";
import type { Scheduler } from "./scheduler.ts";

interface Message<Body> {
  readonly body: Body;
  attempts: number;
  /** Being worked on until then; delivered again afterwards, whatever became of the consumer. */
  hiddenUntil: number;
  gone: boolean;
}

/** A consumer that never comes back loses its messages to another after this long: the platform's wall time. */
const WALL_TIME_MS = 15 * 60_000;

/** A queue: at least once, in any order, sometimes twice, to several consumers at once. */
export class SimulatedQueue<Body> {
  readonly #scheduler: Scheduler;
  readonly #network: Network;
  readonly #name: string;
  readonly #maxBatch: number;
  readonly #maxAttempts: number;
  readonly #consume: (deliveries: Delivery<Body>[]) => Promise<void>;
  readonly #onExhausted: (body: Body) => void;
  #messages: Message<Body>[] = [];
  /** Set when messages were lost with the process that held them. */
  lost = false;
  #paused = false;

  constructor(options: {
    scheduler: Scheduler;
    network: Network;
    name: string;
    maxBatch: number;
    maxAttempts: number;
    consume: (deliveries: Delivery<Body>[]) => Promise<void>;
    onExhausted?: (body: Body) => void;
  }) {
    this.#scheduler = options.scheduler;
    this.#network = options.network;
    this.#name = options.name;
    this.#maxBatch = options.maxBatch;
    this.#maxAttempts = options.maxAttempts;
    this.#consume = options.consume;
    this.#onExhausted = options.onExhausted ?? (() => {});
  }

  /** The sending end as one process sees it. */
  outbox(process: Process): Outbox<Body> {
    return {
      send: (messages) =>
        this.#network.call(process, "queue", `send ${messages.length} to ${this.#name}`, () => {
          for (const body of messages) this.add(structuredClone(body));
        }),
    };
  }

  add(body: Body): void {
    const { random } = this.#scheduler;
    this.#messages.push({ body, attempts: 0, hiddenUntil: 0, gone: false });
    this.#scheduler.after(random.pick([10, 500, 1000, 60_000]), () => this.#deliver());
  }

  get size(): number {
    return this.#messages.length;
  }

  bodies(): Body[] {
    return this.#messages.map(({ body }) => body);
  }

  /** Forgets what matches, as a local queue does when its process ends. */
  lose(matches: (body: Body) => boolean): number {
    const kept = this.#messages.filter(({ body }) => !matches(body));
    const count = this.#messages.length - kept.length;
    for (const message of this.#messages) if (!kept.includes(message)) message.gone = true;
    this.#messages = kept;
    if (count > 0) this.lost = true;
    return count;
  }

  /** Delivers nothing until it is resumed; who works on a message goes on. */
  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#scheduler.after(1, () => this.#deliver());
  }

  /** Messages that nobody works on. */
  waiting(): Body[] {
    const { now } = this.#scheduler;
    return this.#messages.flatMap(({ body, hiddenUntil, attempts }) =>
      attempts === 0 || hiddenUntil <= now ? [body] : [],
    );
  }

  #deliver(): void {
    if (this.#paused) return;
    const { now, random } = this.#scheduler;
    const visible = this.#messages.filter(({ hiddenUntil }) => hiddenUntil <= now);
    const batch: Message<Body>[] = [];
    while (visible.length > 0 && batch.length < this.#maxBatch) {
      batch.push(...visible.splice(random.whole(0, visible.length - 1), 1));
      if (random.chance(0.15)) break;
    }
    if (batch.length === 0) return;
    const deliveries = batch.map((message) => this.#hand(message));
    void this.#consume(deliveries);
    if (visible.length > 0) this.#scheduler.after(random.whole(1, 500), () => this.#deliver());
  }

  #hand(message: Message<Body>): Delivery<Body> {
    const { now, random } = this.#scheduler;
    message.attempts++;
    // Delivered twice now and then, for no reason at all.
    const hidden =
      !this.#network.calm && random.chance(0.08) ? random.whole(1, 2000) : WALL_TIME_MS;
    message.hiddenUntil = now + hidden;
    const attempt = message.attempts;
    this.#scheduler.after(hidden + 1, () => this.#deliver());
    let settled = false;
    return {
      body: structuredClone(message.body),
      attempts: message.attempts,
      ack: () => {
        if (settled) return;
        settled = true;
        this.#remove(message);
      },
      retry: ({ delaySeconds }) => {
        if (settled || message.gone || message.attempts !== attempt) return;
        settled = true;
        if (message.attempts >= this.#maxAttempts) {
          this.#remove(message);
          this.#onExhausted(message.body);
          return;
        }
        message.hiddenUntil = this.#scheduler.now + delaySeconds * 1000;
        this.#scheduler.after(delaySeconds * 1000 + 1, () => this.#deliver());
      },
    };
  }

  #remove(message: Message<Body>): void {
    message.gone = true;
    this.#messages = this.#messages.filter((other) => other !== message);
  }
}
