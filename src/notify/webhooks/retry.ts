import { appendCommit, insertEvents } from "../../record/events.ts";
import { deliveryRequestedEvent } from "../../record/delivery-events.ts";
import type { Deps } from "../../ports/deps.ts";
import { failureMessage } from "../../lib/failure.ts";
import { rows, transaction } from "../../lib/query.ts";
import { announcedTo, findObjection } from "./announced.ts";
import { demandDelivery } from "./deliveries.ts";
import { LEASE_MS, messagesFor } from "./deliver.ts";
import type { DeliveryKey } from "./delivery-id.ts";
import { calmTroubles } from "./troubles.ts";

export type Retried =
  | { readonly outcome: "waiting" }
  /** No such decision stands. */
  | { readonly outcome: "not_found" }
  /** rules.ts declares no such destination. */
  | { readonly outcome: "not_declared" }
  /** The destination does not listen to events of this type. */
  | { readonly outcome: "not_heard"; readonly type: string }
  /** Nobody is to be told of this decision any more. */
  | { readonly outcome: "objection"; readonly reason: string };

/**
 * Has a delivery sent once more, whatever became of it, under the id that it always had. Who retries says that the destination
 * works again: it is asked at once, also when it was away or gone. Rejects when the outcome is unknown; safe to repeat.
 */
export async function retryDelivery(deps: Deps, actor: string, key: DeliveryKey): Promise<Retried> {
  const declared = deps.destinations.find((one) => one.key === key.destination);
  if (declared === undefined) return { outcome: "not_declared" };
  const [announced] = await rows(deps.db, announcedTo(key.destination, [key]));
  if (announced === undefined) return { outcome: "not_found" };
  const { type } = announced;
  if (!declared.events.includes(type)) return { outcome: "not_heard", type };
  const reason = findObjection(announced);
  if (reason !== null) return { outcome: "objection", reason };

  const now = deps.now();
  const detail = { destination: key.destination, type };
  const event = deliveryRequestedEvent(deps.newId(), key, actor, now, detail);
  await transaction(deps.db, [
    insertEvents([event]),
    appendCommit(now, [], [event]),
    demandDelivery(key, now + LEASE_MS, now),
    calmTroubles(key.destination),
  ]);
  try {
    await deps.deliveries.send(messagesFor(key.destination, [key]));
  } catch (error) {
    deps.log("warn", "retry_not_queued", {
      destination: key.destination,
      error: failureMessage(error),
    });
  }
  return { outcome: "waiting" };
}
