import { appendCommit } from "../record/events.ts";
import {
  type Act,
  doneAct,
  insertRerouteRequested,
  insertRoutingRequested,
  isOtherRequest,
  type Repeatable,
  type Situation,
  situationOf,
} from "../record/lead-acts.ts";
import type { Deps } from "../ports/deps.ts";
import { failureMessage } from "../lib/failure.ts";
import { writeThenRead } from "../lib/query.ts";
import { intendReroute } from "../record/pending.ts";
import { findObstacle, type KeyReused, type Obstacle } from "./obstacle.ts";

/** How long a re-route that is on its way is left alone before the sweep sends it again, in milliseconds. */
export const REROUTE_GRACE_MS = 60_000;

export interface RerouteWish {
  /** Re-route a lead that is decided. */
  readonly force: boolean;
  readonly reason: string;
  /** The newest generation that the actor has seen, 0 = none; left out = whatever stands. */
  readonly generation?: number | undefined;
  /** Whether whoever has the lead now may not get it again. Default: true. */
  readonly excludeOwner?: boolean | undefined;
}

export type Rerouted =
  /** This generation is on its way to a decision. */
  | { readonly outcome: "requested"; readonly leadId: string; readonly generation: number }
  | { readonly outcome: "not_found" }
  /** A decision stands, and nobody said `force`. */
  | { readonly outcome: "decided"; readonly situation: Situation }
  | KeyReused
  | Obstacle;

/**
 * Asks for the next decision of a lead: generation n+1 of a decided one, which takes `force`; an undecided one is
 * only sent on its way again. Rejects when the outcome is unknown; safe to repeat: while the re-route is under way a
 * second request is refused, and with `generation` also once it is decided. With `repeatable` the repetition of a
 * request that was granted answers what the first did, whatever became of the lead since.
 */
export async function requestReroute(
  deps: Deps,
  actor: string,
  leadId: string,
  wish: RerouteWish,
  repeatable: Repeatable = { eventId: deps.newId() },
): Promise<Rerouted> {
  const { reason, generation } = wish;
  const seen = generation ?? null;
  const act: Act = { ...repeatable, leadId, actor, reason, at: deps.now() };
  const [[done], [situation]] = await writeThenRead(deps.db, intend(act, wish), [
    doneAct(act),
    situationOf(leadId),
  ]);
  if (situation === undefined) return { outcome: "not_found" };
  if (done !== undefined)
    return isOtherRequest(act, done)
      ? { outcome: "key_reused" }
      : sendOff(deps, leadId, done.generation);

  const obstacle = findObstacle(situation, seen, ["erased", "intent", "closed", "superseded"]);
  if (obstacle !== null) return obstacle;
  return situation.newest === 0 ? sendOff(deps, leadId, 1) : { outcome: "decided", situation };
}

function intend(act: Act, { force, generation, excludeOwner = true }: RerouteWish) {
  const { leadId, eventId: id, at } = act;
  const seen = generation ?? null;
  const wishes = [
    ...(force ? [insertRerouteRequested(act, seen, excludeOwner)] : []),
    ...(act.request === undefined ? [] : [insertRoutingRequested(act, seen)]),
  ];
  if (wishes.length === 0) return [];
  return [
    ...wishes,
    appendCommit(at, [], [{ subjectType: "lead", subjectId: leadId, id }]),
    intendReroute(act, at + REROUTE_GRACE_MS),
  ];
}

/** Sends for speed; should that fail, the sweep finds the intent, or the undecided lead. */
async function sendOff(deps: Deps, leadId: string, generation: number): Promise<Rerouted> {
  try {
    await deps.leads.send([{ leadId, generation }]);
  } catch (error) {
    deps.log("warn", "reroute_left_to_sweep", { leadId, generation, error: failureMessage(error) });
  }
  return { outcome: "requested", leadId, generation };
}
