import type { Lead } from "../../rules/lead.ts";
import type { Deps } from "../../ports/deps.ts";
import type { Suspicion } from "../../record/messages.ts";
import { outcomeOf, type AcceptOptions, type Accepted } from "../api/accept.ts";
import { keepDurably, toStanding, type Standing } from "../api/durable.ts";
import { standingOfKey } from "../../record/leads.ts";
import type { LeadDraft } from "../../rules/lead.ts";
import { writeThenRead } from "../../lib/query.ts";
import {
  insertSuspects,
  standingSuspectId,
  type Suspected,
  suspectOfKey,
} from "../../record/quarantine.ts";

/** What looks like spam, what could not be checked, or what is only a test. */
export interface Suspect extends Suspicion {
  readonly draft: LeadDraft;
  readonly idempotencyKey: string | null;
}

/**
 * Keeps a submission away from the reps until somebody releases it; it is no lead until then, and is not routed. As durable as
 * `acceptLead`, and with its outcomes: in D1 or, when D1 does not take it in time, as a whole on the queue, whose consumer puts
 * it here. The id it answers is the id the lead will have. A key that a lead or another of the quarantine has already
 * answers that one's id, and without a key what says the same and waits at the same door since
 * at most ten minutes: as of a lead, so that nobody can tell. Never rejects.
 *
 * No audit row tells of it: the row itself says why and since when, and whoever sends spam must not fill what is kept for ever.
 */
export async function quarantine(
  deps: Deps,
  { draft, door, reason, idempotencyKey }: Suspect,
  { comparesKey = false }: Pick<AcceptOptions, "comparesKey"> = {},
): Promise<Accepted> {
  const lead: Lead = { ...draft, id: deps.newId(), receivedAt: deps.now() };
  const suspected: Suspected = { lead, idempotencyKey, suspicion: { door, reason } };
  const kept = await keepDurably(deps, suspected, () => persist(deps, suspected));
  if (kept.kept !== "stored") return outcomeOf(kept.kept, lead.id);
  const { id: standing, same } = kept.standing;
  if (comparesKey && !same) return { outcome: "key_reused" };
  return { outcome: standing === lead.id ? "received" : "duplicate", leadId: standing };
}

async function persist({ db }: Deps, suspected: Suspected): Promise<Standing | null> {
  // Not of what spills: its sender was told an id by then, which has to be found.
  const writes = insertSuspects([{ ...suspected, mergeRepeats: true }]);
  const { lead, idempotencyKey } = suspected;
  if (idempotencyKey === null) {
    const [[standing]] = await writeThenRead(db, writes, [standingSuspectId(suspected)]);
    return toStanding(standing?.id ?? null);
  }
  const [[asLead], [asSuspect]] = await writeThenRead(db, writes, [
    standingOfKey(lead, idempotencyKey),
    suspectOfKey(suspected, idempotencyKey),
  ]);
  const standing = asLead ?? asSuspect;
  return standing === undefined ? null : { id: standing.id, same: standing.same === 1 };
}
