import { backOff, type Delivery } from "../lib/queue.ts";
import { leadEvent, recordEvents, ROUTER } from "../record/events.ts";
import { keyOf } from "../record/decision-key.ts";
import type { Deps } from "../ports/deps.ts";
import { distinctRequests, type RouteMessage, type RouteRequest } from "../record/messages.ts";
import { classifyFailure, failureMessage, RouterError } from "../lib/failure.ts";
import { noteUnroutable } from "../record/dead-letters.ts";
import { standingDecisions } from "../record/decisions.ts";
import { writeThenRead } from "../lib/query.ts";
import { resolveAliases, storeSpilled } from "../record/leads.ts";
import { storeSpills } from "../intake/index.ts";
import { type Decision, decisionWrites } from "./commit.ts";
import { announce, type PassDeps, routingPass, type Unfinished } from "./pass.ts";

type ConsumerDeps = PassDeps & Pick<Deps, "random">;

/** Routes one batch of the queue `leads`: what is finished is acknowledged, the rest goes again later. */
export async function consumeLeads(
  deps: ConsumerDeps,
  deliveries: readonly Delivery<RouteMessage>[],
): Promise<void> {
  const unfinished = await routeAll(deps, distinctRequests(deliveries));
  await recordRetries(deps, unfinished);
  for (const delivery of deliveries) {
    if (unfinished.has(keyOf(delivery.body))) retryLater(deps, delivery);
    else delivery.ack();
  }
}

/**
 * Receives leads that ran out of deliveries, one at a time: one real pass alone, and if that too fails, nobody
 * gets the lead and the decision says why. A dead letter never overwrites a decision.
 */
export async function consumeDeadLeads(
  deps: ConsumerDeps,
  deliveries: readonly Delivery<RouteMessage>[],
): Promise<void> {
  for (const delivery of deliveries) {
    try {
      const unfinished = await routeAll(deps, distinctRequests([delivery]));
      for (const { request, cause } of unfinished.values())
        await decideUnroutable(deps, request, cause);
      delivery.ack();
    } catch (error) {
      const { leadId } = delivery.body;
      deps.log("error", "dead_letter_not_decided", { leadId, error: failureMessage(error) });
      retryLater(deps, delivery);
    }
  }
}

function retryLater({ random }: ConsumerDeps, delivery: Delivery<RouteMessage>): void {
  delivery.retry({ delaySeconds: backOff(delivery.attempts, random()) });
}

/**
 * Every retry is an audit event with its cause. What D1 itself caused cannot be written to D1 now: the
 * decision's `attempts` counts those.
 */
async function recordRetries(deps: PassDeps, unfinished: Unfinished): Promise<void> {
  const now = deps.now();
  const events = [...unfinished.values()].map(({ request, cause }) => {
    const { leadId, generation, attempts: attempt } = request;
    const detail = { attempt, failure: classifyFailure(cause), cause: failureMessage(cause) };
    deps.log("warn", "routing_retried", { leadId, generation, ...detail });
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

/**
 * A routing pass that no single lead can spoil: a batch that fails for good is halved until the poison is
 * alone, and that lead is decided `unassigned` with the cause. Never rejects.
 */
async function routeAll(deps: PassDeps, requests: readonly RouteRequest[]): Promise<Unfinished> {
  try {
    return await routingPass(deps, requests);
  } catch (cause) {
    if (classifyFailure(cause) !== "permanent") return allAgain(requests, cause);
    if (requests.length > 1) {
      const half = Math.ceil(requests.length / 2);
      const first = await routeAll(deps, requests.slice(0, half));
      const second = await routeAll(deps, requests.slice(half));
      return new Map([...first, ...second]);
    }
    try {
      for (const request of requests) await decideUnroutable(deps, request, cause);
      return new Map();
    } catch (error) {
      return allAgain(requests, error);
    }
  }
}

/**
 * Decides a lead that cannot be routed: nobody gets it, and ops are notified why. Never
 * overwrites a decision. Rejects when the outcome is unknown.
 */
async function decideUnroutable(
  deps: PassDeps,
  request: RouteRequest,
  cause: unknown,
): Promise<void> {
  // It belongs into the quarantine: it is not a lead, and nothing decides it.
  if (request.spilled?.suspicion !== undefined) {
    await storeSpills(deps, [request]);
    return;
  }
  const { leadId, generation, attempts } = request;
  const now = deps.now();
  const why = failureMessage(cause);
  const reason = `Could not be routed after ${attempts} ${attempts === 1 ? "delivery" : "deliveries"}: ${why}.`;
  const decision: Decision = {
    by: "nobody",
    leadId,
    generation,
    reason,
    trail: [],
    chainVersion: deps.chain.version,
    decidedAt: now,
    attempts,
    decidedBy: ROUTER,
  };
  deps.log("error", "lead_unroutable", { leadId, generation, attempts, cause: why });
  const [[existing], [name]] = await writeThenRead(
    deps.db,
    [
      // A spilled lead is nowhere but in this message: acknowledged unstored, it would be gone.
      ...storeSpilled(request.spilled ? [request.spilled] : []),
      // Of any epoch: nobody was asked for it, so it rests on nothing that a restore takes away.
      ...decisionWrites(deps, [decision], now, null),
      noteUnroutable([request], now),
    ],
    [standingDecisions([request]), resolveAliases([leadId])],
  );
  if (name?.leadId !== leadId) return;
  if (!existing?.outcome) {
    if (request.spilled) throw new RouterError("the lead could be neither routed nor stored");
    return;
  }
  await announce(deps, [request]);
}

function allAgain(requests: readonly RouteRequest[], cause: unknown): Unfinished {
  return new Map(requests.map((request) => [keyOf(request), { request, cause }]));
}
