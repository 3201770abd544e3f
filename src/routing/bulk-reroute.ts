import { v5 as uuidOf } from "uuid";
import { appendCommit } from "../record/events.ts";
import { insertRerouteRequested } from "../record/lead-acts.ts";
import type { LeadFilter, ListKey } from "../record/lead-lists.ts";
import { listRerouteCandidates, type RerouteCandidate } from "../record/reroute-candidates.ts";
import type { DecisionKey } from "../record/decision-key.ts";
import type { Deps } from "../ports/deps.ts";
import { failureMessage } from "../lib/failure.ts";
import { query, sql, writeThenRead, type Query } from "../lib/query.ts";
import { intendReroute } from "../record/pending.ts";
import { REROUTE_GRACE_MS } from "./reroute.ts";

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
