import { chunk } from "./chunks.ts";

/** Messages one `sendBatch` takes (Queues limits). */
const SEND_LIMIT = 100;

/** The sending end of a queue. Resolves when the queue has every message, rejects when any may be missing. */
export interface Outbox<Message> {
  send(messages: readonly Message[]): Promise<void>;
}

/** The sending end of one of Cloudflare's queues. */
export function outbox<Message>(queue: Queue<Message>): Outbox<Message> {
  return {
    async send(messages) {
      for (const batch of chunk(messages, SEND_LIMIT))
        await queue.sendBatch(batch.map((body) => ({ body })));
    },
  };
}

/** What a consumer needs of a queue's message. */
export interface Delivery<Body> {
  readonly body: Body;
  /** Deliveries so far, this one included. */
  readonly attempts: number;
  ack(): void;
  retry(options: { delaySeconds: number }): void;
}

/** First delay, in seconds: most failures are over by then. */
const FIRST_SECONDS = 2;
/**
 * Longest delay, in seconds: a spilled lead exists nowhere but in its message, so this is also the longest it waits once D1 is
 * back. With `max_retries = 100` (wrangler.toml) the delays add up to 3.7 days, about what a queue keeps a message for (4
 * days): an outage alone does not end in the dead-letter queue.
 */
const LONGEST_SECONDS = 60 * 60;

/**
 * How long to wait after this many deliveries, in whole seconds: doubling, with jitter of a quarter either
 * way so that what failed together does not come back together.
 * @param random a number in [0, 1)
 */
export function backOff(attempts: number, random: number): number {
  const delay = Math.min(FIRST_SECONDS * 2 ** (attempts - 1), LONGEST_SECONDS);
  return Math.ceil(delay * (0.75 + random / 2));
}

const ROLES = ["leads", "leads-dead", "notifications", "notifications-dead", "deliveries"] as const;
export type QueueRole = (typeof ROLES)[number];

/** Words of a name that say what a queue is for, and nothing else. */
const TELLING = new Set(["leads", "notifications", "deliveries", "dead"]);

/**
 * What a queue is for, by its name, which is all that a batch says of where it comes from: the role, alone or between hyphens
 * with what tells it from other queues of the account ("leads", "leads-staging", "acme-leads-dead").
 * @throws {Error} when the name holds no role, or another's word too ("acme-leads-notifications", "leads-staging-dead"):
 * messages would go to a consumer that cannot read them, or be given up before they were tried
 */
export function queueRole(name: string): QueueRole {
  const words = name.split("-");
  const telling = words.flatMap((word, at) => (TELLING.has(word) ? [at] : []));
  const [first = 0, last = first] = [telling[0], telling.at(-1)];
  // Next to each other: of "leads-staging-dead" nobody knows whether it is the dead letters of "leads-staging".
  const said = words.slice(first, last + 1).join("-");
  const found = ROLES.find((role) => role === said);
  if (found === undefined) throw new Error(`no consumer for the queue ${name}`);
  return found;
}
