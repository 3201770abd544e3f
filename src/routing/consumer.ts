import type { Delivery } from "../lib/queue.ts";
import { leadEvent, recordEvents } from "../record/events.ts";
import { keyOf } from "../record/decision-key.ts";
import type { Deps } from "../ports/deps.ts";
import { distinctRequests, type RouteMessage } from "../record/messages.ts";
import { classifyFailure, failureMessage } from "../lib/failure.ts";
import { backOff } from "../lib/queue.ts";
import { decideUnroutable, routeAll } from "./poison.ts";
import type { Unfinished } from "./pass.ts";

/** Routes one batch of the queue `leads`: what is finished is acknowledged, the rest goes again later. */
export async function consumeLeads(
  deps: Deps,
  deliveries: readonly Delivery<RouteMessage>[],
): Promise<void> {
  const unfinished = await routeAll(deps, distinctRequests(deliveries));
  await recordRetries(deps, unfinished);
  for (const delivery of deliveries) {
    if (unfinished.has(keyOf(delivery.body))) {
      delivery.retry({ delaySeconds: backOff(delivery.attempts, deps.random()) });
    } else {
      delivery.ack();
    }
  }
}

/**
 * Takes leads that ran out of deliveries, one at a time: one real pass alone, and if that too fails, nobody
 * gets the lead and the decision says why. A dead letter never overwrites a decision.
 */
export async function consumeDeadLeads(
  deps: Deps,
  deliveries: readonly Delivery<RouteMessage>[],
): Promise<void> {
  for (const delivery of deliveries) {
    const requests = distinctRequests([delivery]);
    try {
      const unfinished = await routeAll(deps, requests);
      for (const { request, cause } of unfinished.values())
        await decideUnroutable(deps, request, cause);
      delivery.ack();
    } catch (error) {
      deps.log("error", "dead_letter_not_decided", {
        leadId: delivery.body.leadId,
        error: failureMessage(error),
      });
      delivery.retry({ delaySeconds: backOff(delivery.attempts, deps.random()) });
    }
  }
}

/**
 * Every retry is an audit event with its cause. What D1 itself caused cannot be written to D1 now: the
 * decision's `attempts` tells of those.
 */
async function recordRetries(deps: Deps, unfinished: Unfinished): Promise<void> {
  const now = deps.now();
  const events = [...unfinished.values()].map(({ request, cause }) => {
    const detail = {
      attempt: request.attempts,
      failure: classifyFailure(cause),
      cause: failureMessage(cause),
    };
    deps.log("warn", "routing_retried", {
      leadId: request.leadId,
      generation: request.generation,
      ...detail,
    });
    return leadEvent(deps.newId(), request, { kind: "routing_retried", occurredAt: now, detail });
  });
  try {
    await recordEvents(deps.db, events, now);
  } catch (error) {
    deps.log("warn", "retries_not_recorded", {
      events: events.length,
      error: failureMessage(error),
    });
  }
}
