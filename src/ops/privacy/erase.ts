import {
  eraseArchived,
  type ErasedFromArchive,
  eraseFromPart,
  type FoundLead,
} from "../../archive/index.ts";
import type { Deps } from "../../ports/deps.ts";
import { discard, dropKept } from "../../intake/index.ts";
import { eraseLead } from "../../routing/index.ts";
import { rows } from "../../lib/query.ts";
import { type Place, recordPersonAct, type Trace, walkPerson, type Where } from "./person.ts";
import { leadBehind } from "../../record/leads.ts";

/** An alias is an id and nothing else: it stays. */
const PLACES: readonly Where[] = ["reps", "leads", "quarantine", "deliveries", "archive"];

export interface PersonRequest {
  readonly requestId: string;
  readonly actor: string;
  /** In lower case, as leads have it. */
  readonly email: string;
  /** Without an address or a number: the audit keeps it. */
  readonly reason: string;
}

/** What one call of an erasure did. */
export interface ErasedPart {
  readonly leads: number;
  readonly quarantined: number;
  readonly deliveries: number;
  readonly archived: number;
  /** Leads that kept moving while they were to be erased: they are erased by asking again from the start. */
  readonly busy: number;
  /** Reps who have this email: they stay. */
  readonly repIds: readonly string[];
  /** Keys of the archive's parts that could not be read: the person may be in them. */
  readonly unreadable: readonly string[];
  readonly next: Place | null;
  /** Whether this was the last call, and none of them left anything out. */
  readonly isComplete: boolean;
}

/**
 * Erases a person wherever they are known by their email: their leads, what of theirs is quarantined, deliveries of
 * webhooks that name them, and their archived leads; some of it a call. Safe to repeat. Rejects when something may be left undone.
 */
export async function erasePerson(
  deps: Deps,
  request: PersonRequest,
  start: Place | null,
): Promise<ErasedPart> {
  const walk = await walkPerson(deps, request.email, PLACES, start);
  const done = { leads: 0, quarantined: 0, deliveries: 0, archived: 0, busy: 0 };
  const archived: FoundLead[] = [];
  for (const trace of walk.traces) {
    if (trace.where === "archive") archived.push(trace.found);
    else {
      const what = await eraseTrace(deps, request.actor, trace);
      if (what !== null) done[what]++;
    }
  }
  const fromArchive = await eraseFoundLeads(deps, request.actor, archived);
  done.archived = fromArchive.archived;
  done.busy += fromArchive.busy;
  const unreadable = [...walk.unreadable, ...fromArchive.unreadable];
  const missed = walk.missed || unreadable.length > 0 || done.busy > 0;
  const next = walk.next && { ...walk.next, missed };
  const isComplete = next === null && !missed;

  const { requestId, actor, reason } = request;
  const counts = { ...done, unreadable: unreadable.length };
  const act = { requestId, actor, reason, counts, isComplete } as const;
  await recordPersonAct(deps, { ...act, kind: "person_erased" });
  const repIds = walk.traces.flatMap((trace) => (trace.where === "reps" ? [trace.id] : []));
  return { ...done, repIds, unreadable, next, isComplete };
}

type Counted = "leads" | "quarantined" | "deliveries" | "archived" | "busy";

/** What it counts as; null = nothing was there to erase. */
async function eraseTrace(
  deps: Deps,
  actor: string,
  { where, id }: Exclude<Trace, { readonly where: "archive" }>,
): Promise<Counted | null> {
  switch (where) {
    case "leads": {
      const { outcome } = await eraseLead(deps, actor, id);
      if (outcome === "erased") return "leads";
      return outcome === "busy" ? "busy" : null;
    }
    case "quarantine": {
      const { outcome } = await discard(deps, actor, id);
      // Somebody has released it meanwhile: it is a lead now, behind where this call has looked.
      if (outcome === "released") return "busy";
      return outcome === "discarded" ? "quarantined" : null;
    }
    case "deliveries":
      await rows(deps.db, dropKept(id));
      return "deliveries";
    case "aliases":
    case "reps":
      return null;
  }
}

/** Erases archived leads part by part. */
async function eraseFoundLeads(
  deps: Deps,
  actor: string,
  leads: readonly FoundLead[],
): Promise<{ archived: number; busy: number; unreadable: readonly string[] }> {
  const done = { archived: 0, busy: 0 };
  const unreadable: string[] = [];
  const { archive: bucket } = deps;
  const byPart = Map.groupBy(leads, ({ place: { day, part } }) => `${day}/${part}`);
  for (const found of byPart.values()) {
    const [first] = found;
    if (first === undefined || !bucket) continue;
    const result = await eraseFromPart({ ...deps, bucket }, first.place, found, actor);
    if (result.outcome === "unreadable") unreadable.push(result.key);
    else done[result.outcome === "erased" ? "archived" : "busy"] += found.length;
  }
  return { ...done, unreadable };
}

/** Erases the person from a lead, in D1 or in the archive, by any id that was answered for it. Safe to repeat. */
export async function eraseLeadAnywhere(
  deps: Deps,
  actor: string,
  given: string,
): Promise<ErasedFromArchive> {
  const [lead] = await rows(deps.db, leadBehind(given));
  const erased = lead === undefined ? null : await eraseLead(deps, actor, lead.id);
  // It may have gone into the archive between the two looks.
  if (erased !== null && erased.outcome !== "not_found") return erased;
  return await eraseArchived(deps, given, actor);
}
