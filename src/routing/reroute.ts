import { v5 as uuidOf } from "uuid";
import { appendCommit } from "../record/events.ts";
import {
  type Act,
  insertRerouteRequested,
  insertRoutingRequested,
  type Repeatable,
  type Situation,
} from "../record/lead-acts.ts";
import type { LeadFilter, ListKey } from "../record/lead-lists.ts";
import { listRerouteCandidates, type RerouteCandidate } from "../record/reroute-candidates.ts";
import type { DecisionKey } from "../record/decision-key.ts";
import type { Deps } from "../ports/deps.ts";
import { query, type Query, sql, writeThenRead } from "../lib/query.ts";
import { intendReroute } from "../record/pending.ts";
import { attemptAct, findRefusal, hasten, type Undone } from "./acts.ts";

type RerouteDeps = Pick<Deps, "db" | "leads" | "now" | "newId" | "log">;

/** How long a re-route that is on its way is left alone before the sweep sends it again, in milliseconds. */
const REROUTE_GRACE_MS = 60_000;

interface RerouteInput {
  /** Re-route a lead that is decided. */
  readonly force: boolean;
  readonly reason: string;
  /** The newest generation that the actor has seen, 0 = none; left out = any. */
  readonly generation?: number | undefined;
  /** Whether the lead's current owner may not get it again. Default: true. */
  readonly excludeOwner?: boolean | undefined;
}

type Rerouted =
  /** This generation is on its way to a decision. */
  | { readonly outcome: "requested"; readonly leadId: string; readonly generation: number }
  /** The lead is decided, and the request did not say `force`. */
  | { readonly outcome: "decided"; readonly situation: Situation }
  | Undone;

/**
 * Asks for the next decision of a lead: generation n+1 of a decided one, which takes `force`; an undecided one is
 * only sent on its way again. Rejects when the outcome is unknown; safe to repeat: while the re-route is under way a
 * second request is refused, and with `generation` also once it is decided. With `repeatable` the repetition of a
 * request that was granted answers what the first did, whatever became of the lead since.
 */
export async function requestReroute(
  deps: RerouteDeps,
  actor: string,
  leadId: string,
  { force, reason, generation, excludeOwner = true }: RerouteInput,
  repeatable: Repeatable = { eventId: deps.newId() },
): Promise<Rerouted> {
  const seen = generation ?? null;
  const act: Act = { ...repeatable, leadId, actor, reason, at: deps.now() };
  const events = [
    ...(force ? [insertRerouteRequested(act, seen, excludeOwner)] : []),
    ...(act.request === undefined ? [] : [insertRoutingRequested(act, seen)]),
  ];
  const intent = intendReroute(act, act.at + REROUTE_GRACE_MS);
  const attempt = await attemptAct(deps.db, act, events, [intent]);
  if (attempt.outcome === "done") return sendOff(deps, leadId, attempt.done.generation);
  if (attempt.outcome !== "not_done") return attempt;

  const { situation } = attempt;
  const refusal = findRefusal(situation, seen, ["erased", "intent", "closed", "superseded"]);
  if (refusal !== null) return refusal;
  return situation.newest === 0 ? sendOff(deps, leadId, 1) : { outcome: "decided", situation };
}

async function sendOff(deps: RerouteDeps, leadId: string, generation: number): Promise<Rerouted> {
  const key = { leadId, generation };
  await hasten(deps.log, "reroute_left_to_sweep", key, () => deps.leads.send([key]));
  return { outcome: "requested", ...key };
}

/**
 * Most leads that one call re-routes: one transaction of two statements a lead, a fifth of the 1,000 queries that D1 lets an
 * invocation have.
 */
export const BULK_LIMIT = 100;

/** A re-route of many leads at once: those that match a filter. */
interface BulkInput {
  /** Names the bulk, in the audit too: a UUID. A bulk re-routes a lead once. */
  readonly bulk: string;
  readonly filter: LeadFilter;
  readonly reason: string;
  /** Only look: write nothing, send nothing. */
  readonly dryRun: boolean;
  /** Whether the current owner of a lead may not get it again. */
  readonly excludeOwner: boolean;
  /** Whether leads that a person assigned are routed too. */
  readonly includeByHand: boolean;
  readonly after: ListKey | null;
  /** At most {@link BULK_LIMIT}. */
  readonly limit: number;
}

/** Why a lead that matches the filter is left alone. */
type LeftAlone = "erased" | "closed" | "under_way" | "by_hand" | "changed";

/** One step of a bulk. */
interface BulkStep {
  /** Re-routed, or in a dry run: what would be. With the generation that was replaced. */
  readonly rerouted: readonly RerouteCandidate[];
  readonly leftAlone: readonly { readonly leadId: string; readonly why: LeftAlone }[];
  /** Where the next step begins; null = that was all. */
  readonly next: ListKey | null;
}

/**
 * Asks for the next decision of every lead that matches a filter, a bounded step at a time: after wrong rules were
 * reverted. Each lead has its own intent and its own event, so that all of the step's leads are re-routed or none. Safe to
 * repeat under the same name: a lead is re-routed once by a bulk. Rejects when the outcome is unknown.
 */
export async function rerouteInBulk(
  deps: RerouteDeps,
  actor: string,
  input: BulkInput,
): Promise<BulkStep> {
  const { filter, bulk, after, limit, dryRun } = input;
  const { rows, next } = await listRerouteCandidates(
    deps.db,
    filter,
    bulk,
    after,
    Math.min(limit, BULK_LIMIT),
  );
  const rerouted: RerouteCandidate[] = [];
  const leftAlone: { leadId: string; why: LeftAlone }[] = [];
  for (const candidate of rows.filter(({ taken }) => taken === 0)) {
    const why = whyLeftAlone(candidate, input);
    if (why === null) rerouted.push(candidate);
    else leftAlone.push({ leadId: candidate.leadId, why });
  }
  if (dryRun) return { rerouted, leftAlone, next };

  const done = await intendAll(deps, actor, rerouted, input);
  // A lead that changed between the look and the act is left to the person who changed it.
  const changed = rerouted
    .filter(({ leadId }) => !done.has(leadId))
    .map(({ leadId }) => ({ leadId, why: "changed" as const }));
  return {
    rerouted: rerouted.filter(({ leadId }) => done.has(leadId)),
    leftAlone: [...leftAlone, ...changed],
    next,
  };
}

function whyLeftAlone(
  { erased, closed, intent, byHand }: RerouteCandidate,
  { includeByHand }: BulkInput,
): LeftAlone | null {
  if (erased === 1) return "erased";
  if (closed === 1) return "closed";
  if (intent === 1) return "under_way";
  return byHand === 1 && !includeByHand ? "by_hand" : null;
}

/** Intends the next generation of each, unless something changed since the look. Yields the ids of those that were intended. */
async function intendAll(
  deps: RerouteDeps,
  actor: string,
  candidates: readonly RerouteCandidate[],
  { bulk, reason, excludeOwner }: BulkInput,
): Promise<ReadonlySet<string>> {
  if (candidates.length === 0) return new Set();
  const at = deps.now();
  const acts = candidates.map(({ leadId, generation }) => ({
    // Made of the bulk and the lead: a repetition of the bulk at the same time finds the event there.
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
  if (written.length > 0)
    await hasten(deps.log, "bulk_reroute_left_to_sweep", { leads: written.length }, () =>
      deps.leads.send(written),
    );
  return new Set(written.map(({ leadId }) => leadId));
}

/** Those of these events that exist, each with the generation it asks for. */
function intendedBy(
  events: readonly { readonly subjectId: string; readonly id: string }[],
): Query<DecisionKey> {
  const keys = JSON.stringify(events.map(({ subjectId, id }) => [subjectId, id]));
  return query(sql`
    SELECT e.subject_id AS leadId, e.generation FROM json_each(${keys}) k
    CROSS JOIN events e ON e.subject_type = 'lead' AND e.subject_id = k.value ->> 0 AND e.id = k.value ->> 1`);
}
