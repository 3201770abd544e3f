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
import { query, type Query, sql, writeThenRead } from "../lib/query.ts";
import { intendReroute } from "../record/pending.ts";
import { findObstacle, type KeyReused, type Obstacle } from "./acts.ts";
import { v5 as uuidOf } from "uuid";
import type { LeadFilter, ListKey } from "../record/lead-lists.ts";
import { listRerouteCandidates, type RerouteCandidate } from "../record/reroute-candidates.ts";
import type { DecisionKey } from "../record/decision-key.ts";

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

/**
 * Most leads that one call re-routes: one transaction of two statements a lead, a fifth of the 1,000 queries that D1 lets an
 * invocation have.
 */
export const BULK_LIMIT = 100;

/** A wish for many leads at once: those that a filter takes in. */
export interface BulkWish {
  /** Names the bulk, in the audit too: a UUID. What it has re-routed once it leaves alone. */
  readonly bulk: string;
  readonly filter: LeadFilter;
  readonly reason: string;
  /** Only look: write nothing, send nothing. */
  readonly dryRun: boolean;
  /** Whether whoever has a lead now may not get it again. */
  readonly excludeOwner: boolean;
  /** Whether leads that a person gave to their owner are routed too. */
  readonly includeByHand: boolean;
  readonly after: ListKey | null;
  /** At most {@link BULK_LIMIT}. */
  readonly limit: number;
}

/** Why a lead that the filter takes in is left alone. */
export type LeftAlone = "erased" | "closed" | "under_way" | "by_hand" | "changed";

/** One step of a bulk. */
export interface BulkStep {
  /** Re-routed, or in a dry run: what would be. With the generation that was replaced. */
  readonly rerouted: readonly RerouteCandidate[];
  readonly leftAlone: readonly { readonly leadId: string; readonly why: LeftAlone }[];
  /** Where the next step begins; null = that was all. */
  readonly next: ListKey | null;
}

/**
 * Asks for the next decision of every lead that a filter takes in, a bounded step at a time: after wrong rules were taken
 * back. Each lead has its own intent and its own event, so that all of the step's leads are re-routed or none. Safe to
 * repeat under the same name: a lead is re-routed once by a bulk. Rejects when the outcome is unknown.
 */
export async function rerouteInBulk(deps: Deps, actor: string, wish: BulkWish): Promise<BulkStep> {
  const { rows, next } = await listRerouteCandidates(
    deps.db,
    wish.filter,
    wish.bulk,
    wish.after,
    Math.min(wish.limit, BULK_LIMIT),
  );
  const fresh = rows.filter(({ taken }) => taken === 0);
  const leftAlone = fresh.flatMap((candidate) => {
    const why = whyLeftAlone(candidate, wish);
    return why === null ? [] : [{ leadId: candidate.leadId, why }];
  });
  const wanted = fresh.filter((candidate) => whyLeftAlone(candidate, wish) === null);
  if (wish.dryRun) return { rerouted: wanted, leftAlone, next };

  const done = await intendAll(deps, actor, wanted, wish);
  // What changed between the look and the act is whoever changed it to decide on.
  const changed = wanted
    .filter(({ leadId }) => !done.has(leadId))
    .map(({ leadId }) => ({ leadId, why: "changed" as const }));
  return {
    rerouted: wanted.filter(({ leadId }) => done.has(leadId)),
    leftAlone: [...leftAlone, ...changed],
    next,
  };
}

function whyLeftAlone(
  { erased, closed, intent, byHand }: RerouteCandidate,
  { includeByHand }: BulkWish,
): LeftAlone | null {
  if (erased === 1) return "erased";
  if (closed === 1) return "closed";
  if (intent === 1) return "under_way";
  return byHand === 1 && !includeByHand ? "by_hand" : null;
}

/** Intends the next generation of each, unless something changed since the look. Yields those that were intended. */
async function intendAll(
  deps: Deps,
  actor: string,
  candidates: readonly RerouteCandidate[],
  { bulk, reason, excludeOwner }: BulkWish,
): Promise<ReadonlySet<string>> {
  if (candidates.length === 0) return new Set();
  const at = deps.now();
  const acts = candidates.map(({ leadId, generation }) => ({
    // Of the bulk and the lead: a bulk that is repeated at the same time finds the event there.
    act: { eventId: uuidOf(leadId, bulk), leadId, actor, reason, at },
    generation,
  }));
  const events = acts.map(({ act: { eventId: id, leadId } }) => ({
    subjectType: "lead" as const,
    subjectId: leadId,
    id,
  }));
  const [written] = await writeThenRead(
    deps.db,
    [
      ...acts.map(({ act, generation }) =>
        insertRerouteRequested(act, generation, excludeOwner, bulk),
      ),
      appendCommit(at, [], events),
      ...acts.map(({ act }) => intendReroute(act, at + REROUTE_GRACE_MS)),
    ],
    [intendedBy(events)],
  );
  await sendOff(deps, written);
  return new Set(written.map(({ leadId }) => leadId));
}

/** Which of these events stand, each with the generation it asks for. */
function intendedBy(
  events: readonly { readonly subjectId: string; readonly id: string }[],
): Query<DecisionKey> {
  const keys = JSON.stringify(events.map(({ subjectId, id }) => [subjectId, id]));
  return query(sql`
    SELECT e.subject_id AS leadId, e.generation FROM json_each(${keys}) k
    CROSS JOIN events e ON e.subject_type = 'lead' AND e.subject_id = k.value ->> 0 AND e.id = k.value ->> 1`);
}

/** Sends for speed; should that fail, the sweep finds the intents. */
async function sendOff(deps: Deps, keys: readonly DecisionKey[]): Promise<void> {
  if (keys.length === 0) return;
  try {
    await deps.leads.send(keys);
  } catch (error) {
    deps.log("warn", "bulk_reroute_left_to_sweep", {
      leads: keys.length,
      error: failureMessage(error),
    });
  }
}
