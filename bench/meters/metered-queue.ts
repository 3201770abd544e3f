import type { Outbox } from "../../src/lib/queue.ts";
import type { Delivery } from "../../src/lib/queue.ts";
import { meter } from "./usage.ts";

/** Queues bill each 64 KB of a message (Queues pricing), and count a kilobyte as 1,000 bytes (Queues limits). */
const OPERATION_BYTES = 64_000;
/** A message is written, read and deleted (Queues pricing). */
const OPERATIONS = 3;

/** A queue in the hands of a bench, so that batches are of exactly the size that is measured. */
export interface MeteredQueue<Message> extends Outbox<Message> {
  /** What was sent and lies there, oldest first. */
  readonly waiting: Message[];
}

export function meterQueue<Message>(): MeteredQueue<Message> {
  const waiting: Message[] = [];
  return {
    waiting,
    async send(messages) {
      waiting.push(...messages);
      countSend(messages);
    },
  };
}

/** Counts one call that sends these messages, and what a queue bills for each until it is deleted. */
export function countSend(messages: readonly unknown[]): void {
  meter.subrequests += 1;
  for (const message of messages) {
    const bytes = new TextEncoder().encode(JSON.stringify(message)).length;
    meter.queueMessages += 1;
    meter.queueOperations += OPERATIONS * Math.ceil(bytes / OPERATION_BYTES);
  }
}

/**
 * Hands the next messages of a queue, at most so many, to a consumer: one invocation of the Worker. Yields how many there were.
 * Rejects when one was not acknowledged.
 */
export async function consume<Message>(
  { waiting }: MeteredQueue<Message>,
  batch: number,
  consumer: (deliveries: readonly Delivery<Message>[]) => Promise<void>,
): Promise<number> {
  const bodies = waiting.splice(0, batch);
  if (bodies.length === 0) return 0;
  meter.workerRequests += 1;
  const outcomes = new Map<Message, string>();
  // The first call wins, as on the platform.
  const settle = (body: Message, outcome: string) => {
    if (!outcomes.has(body)) outcomes.set(body, outcome);
  };
  await consumer(
    bodies.map((body) => ({
      body,
      attempts: 1,
      ack: () => settle(body, "acked"),
      retry: () => settle(body, "retried"),
    })),
  );
  const unfinished = bodies.filter((body) => outcomes.get(body) !== "acked");
  if (unfinished.length > 0)
    throw new Error(`${unfinished.length} of ${bodies.length} messages were not finished`);
  return bodies.length;
}
