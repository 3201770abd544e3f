import type { Deps } from "../../ports/deps.ts";
import { failureMessage } from "../../lib/failure.ts";
import { backOff } from "../../lib/queue.ts";
import type { Delivery } from "../../lib/queue.ts";
import { attend } from "./attend.ts";
import type { DeliverMessage } from "../../record/messages.ts";

/**
 * Tells destinations of one batch of the queue `deliveries`, all at once, so that none waits for another. Only what D1 could
 * not record goes again by the queue; whatever a destination does not take is on the list by then.
 */
export async function consumeDeliveries(
  deps: Deps,
  messages: readonly Delivery<DeliverMessage>[],
): Promise<void> {
  await Promise.all(messages.map((message) => consume(deps, message)));
}

async function consume(deps: Deps, message: Delivery<DeliverMessage>): Promise<void> {
  const { destination: key, decisions } = message.body;
  const destination = deps.destinations.find((one) => one.key === key);
  try {
    if (destination === undefined)
      deps.log("warn", "destination_not_declared", {
        destination: key,
        decisions: decisions.length,
      });
    else await attend(deps, destination, decisions);
    message.ack();
  } catch (error) {
    deps.log("warn", "deliveries_retried", { destination: key, error: failureMessage(error) });
    message.retry({ delaySeconds: backOff(message.attempts, deps.random()) });
  }
}
