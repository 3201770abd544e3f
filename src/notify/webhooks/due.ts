import { chunk } from "../../lib/chunks.ts";
import { failureMessage } from "../../lib/failure.ts";
import { rows, sql, transaction } from "../../lib/query.ts";
import type { Deps } from "../../ports/deps.ts";
import type { DecisionKey } from "../../record/decision-key.ts";
import { deliveryRequestedEvent } from "../../record/delivery-events.ts";
import { lookedAt } from "../../record/marks.ts";
import type { DeliverMessage } from "../../record/messages.ts";
import {
  decisionsOf,
  type Ending,
  findObjection,
  recordEndings,
  recordWith,
} from "../announcement.ts";
import { TRIED_FOR_MS } from "./attempts.ts";
import {
  addDeliveries,
  type DeliveryKey,
  demandDelivery,
  dropFailed,
  dueDeliveries,
  failUntried,
  listedDestinations,
  openDeliveries,
  putOff,
} from "./deliveries.ts";
import {
  allTroubles,
  calmTroubles,
  notifyOfDestinations,
  openFrom,
  type Trouble,
} from "./destination-troubles.ts";
import { outgoingTo } from "./payload.ts";

// Puts deliveries into their queue: when a decision is announced, when somebody retries one, and from the list when one is due.

/** Decisions per message: as many as a pass announces together. What a slow receiver leaves of it goes onto the list. */
const DECISIONS_PER_MESSAGE = 100;
/** How long what was handed to the queue is left alone before the cron sends it again, in milliseconds. */
const LEASE_MS = 5 * 60_000;
/** Deliveries of one destination sent to the queue a minute: what an hour's outage at ten leads a second left is sent in another. */
const DUE_LIMIT = 1000;
/** Deliveries of one destination ended, and dropped, a minute. */
const END_LIMIT = 200;

/**
 * Queues decisions for the destinations that are subscribed to them. It asks no destination anything, so that none can hold up
 * the caller. Goes before the decisions' notification is recorded as ended: until then a crash brings them back here; after, the
 * sweep finds what did not arrive. Costs nothing where no destination is declared, and writes nothing for a healthy lead.
 */
export async function queueDeliveries(
  deps: Pick<Deps, "db" | "destinations" | "deliveries" | "now" | "log">,
  decided: readonly DecisionKey[],
): Promise<void> {
  const { destinations } = deps;
  if (destinations.length === 0 || decided.length === 0) return;
  const now = deps.now();
  const [open] = await transaction(deps.db, [
    // Looks first: what the next one puts on the list is queued now, and by nobody else for a while.
    openDeliveries(destinations, decided, now),
    addDeliveries(destinations, sweptPast(decided), now, now + LEASE_MS),
  ]);
  const messages = [...Map.groupBy(open, ({ destination }) => destination)].flatMap(
    ([destination, keys]) => messagesFor(destination, keys),
  );
  if (messages.length === 0) return;
  try {
    await deps.deliveries.send(messages);
  } catch (error) {
    // The queue is away: Slack should not wait for it. The cron sends them from the list.
    const detail = { decisions: open.length, error: failureMessage(error) };
    deps.log("warn", "deliveries_not_queued", detail);
    await transaction(deps.db, [addDeliveries(destinations, decisionsOf(open), now, now)]);
  }
}

/**
 * Makes sure of decisions that were queued before, unless a crash came first: what the sweep would not find is put on the list.
 * Queues nothing, so that a Slack that is away does not have a receiver get the same again with each try.
 */
export async function listMissedDeliveries(
  { db, destinations, now }: Pick<Deps, "db" | "destinations" | "now">,
  decided: readonly DecisionKey[],
): Promise<void> {
  if (destinations.length === 0 || decided.length === 0) return;
  const at = now();
  await transaction(db, [addDeliveries(destinations, sweptPast(decided), at, at + LEASE_MS)]);
}

/** Those of these decisions that the sweep would not find: it looks at a lead once, and misses what is decided later. */
function sweptPast(keys: readonly DecisionKey[]) {
  return sql`${decisionsOf(keys)} AND (d.generation > 1 OR ${lookedAt(sql`d.lead_id`)})`;
}

/** One destination's decisions as messages. */
function messagesFor(destination: string, keys: readonly DecisionKey[]): DeliverMessage[] {
  return chunk(keys, DECISIONS_PER_MESSAGE).map((some) => ({
    destination,
    decisions: some.map(({ leadId, generation }) => ({ leadId, generation })),
  }));
}

export type Retried =
  | { readonly outcome: "waiting" }
  /** There is no such decision. */
  | { readonly outcome: "not_found" }
  /** rules.ts declares no such destination. */
  | { readonly outcome: "not_declared" }
  /** The destination is not subscribed to events of this type. */
  | { readonly outcome: "not_subscribed"; readonly type: string }
  /** This decision is not announced any more. */
  | { readonly outcome: "objection"; readonly reason: string };

/**
 * Has a delivery sent once more, whatever became of it, under the id that it always had. To retry it is to say that the
 * destination works again: it is asked at once, also when it was away or gone. Rejects when the outcome is unknown; safe to repeat.
 */
export async function retryDelivery(deps: Deps, actor: string, key: DeliveryKey): Promise<Retried> {
  const { destination } = key;
  const declared = deps.destinations.find((one) => one.key === destination);
  if (declared === undefined) return { outcome: "not_declared" };
  const [found] = await rows(deps.db, outgoingTo(destination, [key]));
  if (found === undefined) return { outcome: "not_found" };
  const { type } = found;
  if (!declared.events.includes(type)) return { outcome: "not_subscribed", type };
  const reason = findObjection(found);
  if (reason !== null) return { outcome: "objection", reason };

  const now = deps.now();
  const event = deliveryRequestedEvent(deps.newId(), key, actor, now, { destination, type });
  await recordWith(
    deps,
    [event],
    [demandDelivery(key, now + LEASE_MS, now), calmTroubles(destination)],
  );
  try {
    await deps.deliveries.send(messagesFor(destination, [key]));
  } catch (error) {
    deps.log("warn", "retry_not_queued", { destination, error: failureMessage(error) });
  }
  return { outcome: "waiting" };
}

/**
 * Queues due deliveries again, for each destination by itself, ends those that waited for too long, and notifies ops of
 * destinations in trouble. Runs beside the sweep and never rejects: what is left goes next time. Asks D1 nothing where no
 * destination is declared.
 */
export async function maintainDeliveries(deps: Deps): Promise<void> {
  if (deps.destinations.length === 0) return;
  try {
    const [listed, troubles] = await transaction(deps.db, [listedDestinations(), allTroubles()]);
    for (const { destination } of listed) {
      const own = troubles.filter((trouble) => trouble.destination === destination);
      const declared = deps.destinations.some(({ key }) => key === destination);
      await endOld(deps, destination, declared, own);
      if (declared) await queueDue(deps, destination, own);
    }
    await notifyOfDestinations(deps);
  } catch (error) {
    deps.log("warn", "deliveries_not_tended", { error: failureMessage(error) });
  }
}

/** Ends deliveries that waited for too long, and drops those that ended long ago. */
async function endOld(
  deps: Deps,
  destination: string,
  declared: boolean,
  troubles: readonly Trouble[],
): Promise<void> {
  const now = deps.now();
  const before = declared ? now - TRIED_FOR_MS : Number.MAX_SAFE_INTEGER;
  const [outlived] = await transaction(deps.db, [
    dueDeliveries(destination, before, END_LIMIT),
    dropFailed(destination, now, END_LIMIT),
  ]);
  if (outlived.length === 0) return;
  const cause = declared
    ? `waited for three days (${troubles[0]?.cause ?? "it was never its turn"})`
    : "rules.ts declares no such destination";
  const endings = outlived.map((lead): Ending => {
    const detail = { destination, tries: lead.tries, cause };
    return { kind: "delivery_failed", lead, detail };
  });
  await recordEndings(deps, endings, [failUntried(destination, outlived, cause, now)]);
}

/** Queues what is due for a destination, unless it is in trouble. */
async function queueDue(
  deps: Deps,
  destination: string,
  troubles: readonly Trouble[],
): Promise<void> {
  const now = deps.now();
  const openAt = openFrom(troubles, now);
  if (openAt === null || openAt > now) return;
  // After trouble one delivery asks whether it is over; the others follow a minute later, and cost nothing until then.
  const limit = troubles.some(({ kind }) => kind !== "refused") ? 1 : DUE_LIMIT;
  const due = await rows(deps.db, dueDeliveries(destination, now, limit));
  if (due.length === 0) return;
  // Put off first, then sent: what is lost on the way comes back by itself.
  await transaction(deps.db, [putOff(destination, due, now + LEASE_MS, now)]);
  await deps.deliveries.send(messagesFor(destination, due));
}
