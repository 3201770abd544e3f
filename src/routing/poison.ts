import { noteUnroutable } from "../record/dead-letters.ts";
import { type Proposal, standingDecisions } from "../record/decisions.ts";
import { ROUTER } from "../record/events.ts";
import { keyOf } from "../record/decision-key.ts";
import type { Deps } from "../ports/deps.ts";
import { classifyFailure, failureMessage, RouterError } from "../lib/failure.ts";
import { writeThenRead } from "../lib/query.ts";
import { resolveAliases, storeSpilled } from "../record/leads.ts";
import { storeSpills } from "../intake/index.ts";
import { announce } from "./announce.ts";
import { decisionWrites } from "./commit.ts";
import { routingPass, type Unfinished } from "./pass.ts";
import type { RouteRequest } from "../record/messages.ts";

/**
 * A routing pass that no single lead can spoil: a batch that fails for good is halved until the poison stands
 * alone, and that lead is decided `unassigned` with the cause. Never rejects.
 */
export async function routeAll(deps: Deps, requests: readonly RouteRequest[]): Promise<Unfinished> {
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
 * Decides a lead that cannot be routed: nobody gets it, and ops hear why. Never
 * overwrites a decision. Rejects when the outcome is unknown.
 */
export async function decideUnroutable(
  deps: Deps,
  request: RouteRequest,
  cause: unknown,
): Promise<void> {
  // No lead: nobody decides it.
  if (request.spilled?.suspicion !== undefined) {
    await storeSpills(deps, [request]);
    return;
  }
  const { leadId, generation, attempts } = request;
  const now = deps.now();
  const reason = `Could not be routed after ${attempts} ${attempts === 1 ? "delivery" : "deliveries"}: ${failureMessage(cause)}.`;
  const proposal: Proposal = {
    leadId,
    generation,
    outcome: "unassigned",
    ownerId: null,
    day: null,
    podId: null,
    claimSeq: null,
    rule: null,
    reason,
    trail: [],
    chainVersion: deps.chain.version,
    decidedAt: now,
    attempts,
    decidedBy: ROUTER,
    ownerRev: null,
  };
  deps.log("error", "lead_unroutable", {
    leadId,
    generation,
    attempts,
    cause: failureMessage(cause),
  });
  const [[standing], [name]] = await writeThenRead(
    deps.db,
    [
      // A spilled lead is nowhere but in this message: acknowledged unstored, it would be gone.
      ...storeSpilled(request.spilled ? [request.spilled] : []),
      // Of any epoch: nobody was asked for it, so it rests on nothing that a restore takes away.
      ...decisionWrites(deps, [proposal], now, null),
      noteUnroutable([request], now),
    ],
    [standingDecisions([request]), resolveAliases([leadId])],
  );
  if (name?.leadId !== leadId) return;
  if (!standing?.outcome) {
    if (request.spilled) throw new RouterError("the lead could be neither routed nor stored");
    return;
  }
  await announce(deps, [request]);
}

function allAgain(requests: readonly RouteRequest[], cause: unknown): Unfinished {
  return new Map(requests.map((request) => [keyOf(request), { request, cause }]));
}
