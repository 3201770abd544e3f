import { eraseArchived } from "../archive/erase.ts";
import type { Deps } from "../deps.ts";
import { discard } from "../quarantine/discard.ts";
import { eraseLead } from "../routing/erase.ts";
import { rows } from "../storage/query.ts";
import { dropKept } from "../webhooks/deliveries.ts";
import { recordPersonAct } from "./person-events.ts";
import { walkPerson, type Place, type Trace, type Where } from "./walk.ts";

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
  readonly next: Place | null;
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
  const { traces, next } = await walkPerson(deps, request.email, PLACES, start);
  const done = { leads: 0, quarantined: 0, deliveries: 0, archived: 0, busy: 0 };
  for (const trace of traces) {
    const what = await eraseTrace(deps, request.actor, trace);
    if (what !== null) done[what]++;
  }
  const { requestId, actor, reason } = request;
  const act = { requestId, actor, reason, counts: done, isComplete: next === null } as const;
  await recordPersonAct(deps, { ...act, kind: "person_erased" });
  const repIds = traces.filter(({ where }) => where === "reps").map(({ id }) => id);
  return { ...done, repIds, next };
}

type Counted = Exclude<keyof ErasedPart, "repIds" | "next">;

/** What it counts as; null = nothing was there to erase. */
async function eraseTrace(deps: Deps, actor: string, trace: Trace): Promise<Counted | null> {
  const { where, id } = trace;
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
    case "archive": {
      const { outcome } = await eraseArchived(deps, id, actor);
      if (outcome === "erased") return "archived";
      return outcome === "busy" ? "busy" : null;
    }
    case "aliases":
    case "reps":
      return null;
  }
}
