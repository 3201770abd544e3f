import type { DeliverMessage } from "../../record/messages.ts";
import { chunk } from "../../lib/chunks.ts";
import type { DecisionKey } from "../../record/decision-key.ts";
import type { Deps } from "../../ports/deps.ts";
import { failureMessage } from "../../lib/failure.ts";
import { transaction } from "../../lib/query.ts";
import { keepUndelivered, keepUnseen, undelivered } from "./undelivered.ts";

/** Decisions per message: as many as a pass announces together. What a slow receiver leaves of it goes onto the list. */
const DECISIONS_PER_MESSAGE = 100;
/** How long what was handed to the queue is left alone before the sweep hands it over again, in milliseconds. */
export const LEASE_MS = 5 * 60_000;

/**
 * Hands decisions to the destinations that listen to them. It asks no destination anything, so that none can hold up who
 * calls. Goes before the decisions' notification is recorded as ended: until then a crash brings them back here; after, the
 * sweep finds what did not arrive. Costs nothing where no destination is declared, and writes nothing for a healthy lead.
 */
export async function deliver(deps: Deps, decided: readonly DecisionKey[]): Promise<void> {
  const { destinations } = deps;
  if (destinations.length === 0 || decided.length === 0) return;
  const now = deps.now();
  const [open] = await transaction(deps.db, [
    // Looks first: what the next one puts on the list is handed over now, and by nobody else for a while.
    undelivered(destinations, decided, now),
    keepUnseen(destinations, decided, now, now + LEASE_MS),
  ]);
  const messages = [...Map.groupBy(open, ({ destination }) => destination)].flatMap(
    ([destination, keys]) => messagesFor(destination, keys),
  );
  if (messages.length === 0) return;
  try {
    await deps.deliveries.send(messages);
  } catch (error) {
    // The queue is away: whoever waits for Slack should not wait for it. The list holds them for the sweep.
    deps.log("warn", "deliveries_not_queued", {
      decisions: open.length,
      error: failureMessage(error),
    });
    await transaction(deps.db, [keepUndelivered(destinations, open, now)]);
  }
}

/**
 * Makes sure of decisions that were handed over before, unless a crash came first: what the sweep would not find is put on the
 * list. Queues nothing, so that a Slack that is away has no receiver told again with each try.
 */
export async function secureDeliveries(deps: Deps, decided: readonly DecisionKey[]): Promise<void> {
  const { destinations } = deps;
  if (destinations.length === 0 || decided.length === 0) return;
  const now = deps.now();
  await transaction(deps.db, [keepUnseen(destinations, decided, now, now + LEASE_MS)]);
}

/** One destination's decisions as messages. */
export function messagesFor(destination: string, keys: readonly DecisionKey[]): DeliverMessage[] {
  return chunk(keys, DECISIONS_PER_MESSAGE).map((some) => ({
    destination,
    decisions: some.map(({ leadId, generation }) => ({ leadId, generation })),
  }));
}
