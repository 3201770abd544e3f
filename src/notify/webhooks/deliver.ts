import { failureMessage } from "../../lib/failure.ts";
import { transaction } from "../../lib/query.ts";
import { backOff, type Delivery } from "../../lib/queue.ts";
import type { Deps } from "../../ports/deps.ts";
import type { DecisionKey } from "../../record/decision-key.ts";
import type { DeliverMessage } from "../../record/messages.ts";
import type { Destination } from "../../rules/destination.ts";
import { type Ending, findObjection, recordEndings } from "../announcement.ts";
import { type Attempt, isClosed, recordAttempts } from "./attempts.ts";
import { deliveryId, putOff, removeDeliveries } from "./deliveries.ts";
import { openFrom, raiseTrouble, troublesOf } from "./destination-troubles.ts";
import { isOpen, type Outgoing, outgoingTo, writePayload } from "./payload.ts";
import { type Receiver, receiverOf, send } from "./receiver.ts";

/** Deliveries that are recorded together: a crash, or a lost answer, sends at most so many twice. */
const BATCH = 20;
/** Posts at once: a Worker has six connections (Workers limits, "Simultaneous open connections"). */
const AT_ONCE = 5;
/**
 * How long one message is worked on before the rest of it goes onto the list, in milliseconds: the cron takes each destination
 * from there by itself, so that a slow one's backlog holds up no other.
 */
const PATIENCE_MS = 20_000;
/** How long a destination is left alone whose URL or secrets cannot be used, in milliseconds. */
const UNUSABLE_MS = 5 * 60_000;

type DeliverDeps = Pick<
  Deps,
  "db" | "destinations" | "secret" | "fetch" | "now" | "newId" | "random" | "log"
>;

/**
 * Delivers one batch of the queue `deliveries`, all messages at once, so that no destination waits for another. The queue
 * retries only what D1 could not record; whatever a destination does not accept is on the list by then.
 */
export async function consumeDeliveries(
  deps: DeliverDeps,
  messages: readonly Delivery<DeliverMessage>[],
): Promise<void> {
  await Promise.all(messages.map((message) => consume(deps, message)));
}

async function consume(deps: DeliverDeps, message: Delivery<DeliverMessage>): Promise<void> {
  const { destination: key, decisions } = message.body;
  const destination = deps.destinations.find((one) => one.key === key);
  try {
    if (destination !== undefined) await deliver(deps, destination, decisions);
    else {
      const detail = { destination: key, decisions: decisions.length };
      deps.log("warn", "destination_not_declared", detail);
    }
    message.ack();
  } catch (error) {
    deps.log("warn", "deliveries_retried", { destination: key, error: failureMessage(error) });
    message.retry({ delaySeconds: backOff(message.attempts, deps.random()) });
  }
}

/**
 * Delivers these decisions to a destination: looks which are still to be sent, posts, records. At least once, under an id by
 * which the receiver knows what it has seen. What cannot be sent now is on the list when this resolves; rejects when that is
 * not known.
 */
async function deliver(
  deps: DeliverDeps,
  destination: Destination,
  keys: readonly DecisionKey[],
): Promise<void> {
  const { key } = destination;
  const [found, troubles] = await transaction(deps.db, [outgoingTo(key, keys), troublesOf(key)]);
  let open = await skipUnwanted(deps, destination, found.filter(isOpen));
  if (open.length === 0) return;
  const hold = async (until: number) => {
    if (open.length > 0) await transaction(deps.db, [putOff(key, open, until, deps.now())]);
  };

  const startedAt = deps.now();
  const openAt = openFrom(troubles, startedAt);
  if (openAt === null || openAt > startedAt) return await hold(openAt ?? startedAt);
  const receiver = receiverOf(deps, destination);
  if (typeof receiver === "string") {
    const until = startedAt + UNUSABLE_MS;
    deps.log("error", "destination_unusable", { destination: key, cause: receiver });
    await transaction(deps.db, [
      raiseTrouble(key, "unusable", receiver, until, startedAt),
      putOff(key, open, until, startedAt),
    ]);
    return;
  }

  // After trouble one delivery asks alone whether it is over.
  let size = troubles.some(({ kind }) => kind === "away" || kind === "unusable") ? 1 : BATCH;
  let known = troubles;
  while (open.length > 0) {
    const attempts = await sendBatch(deps, key, receiver, open.slice(0, size));
    const until = await recordAttempts(deps, key, attempts, known);
    const sent = new Set(attempts.map(({ one }) => one));
    open = open.filter((one) => !sent.has(one));
    if (until !== null) return await hold(until);
    if (deps.now() - startedAt >= PATIENCE_MS) return await hold(deps.now());
    known = [];
    size = BATCH;
  }
}

/** Those that the destination is to get; the others are taken off the list. */
async function skipUnwanted(
  deps: DeliverDeps,
  { key: destination, events }: Destination,
  waiting: readonly Outgoing[],
): Promise<readonly Outgoing[]> {
  const wanted = waiting.filter(({ type }) => events.includes(type));
  const unwanted = waiting.filter(({ type }) => !events.includes(type));
  // It was subscribed to them once: rules.ts has changed since.
  if (unwanted.length > 0) await transaction(deps.db, [removeDeliveries(destination, unwanted)]);
  const skipped = wanted.filter((one) => findObjection(one) !== null);
  if (skipped.length === 0) return wanted;
  const endings = skipped.map((lead): Ending => {
    const detail = { destination, type: lead.type, reason: findObjection(lead) };
    return { kind: "delivery_skipped", lead, detail };
  });
  await recordEndings(deps, endings, [removeDeliveries(destination, skipped)]);
  return wanted.filter((one) => !skipped.includes(one));
}

/**
 * Sends these, a few at once, and yields what became of those that were sent: no more are begun once the destination is gone,
 * asks to wait, or has answered nothing but failures to a full round.
 */
async function sendBatch(
  deps: DeliverDeps,
  destination: string,
  receiver: Receiver,
  batch: readonly Outgoing[],
): Promise<Attempt[]> {
  const waiting = [...batch];
  const attempts: Attempt[] = [];
  const work = async () => {
    for (;;) {
      const one = isClosed(attempts, AT_ONCE) ? undefined : waiting.shift();
      if (one === undefined) return;
      const id = deliveryId({ ...one, destination });
      attempts.push({ one, tried: await send(deps, receiver, id, writePayload(one)) });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return attempts;
}
