import type { Lead } from "../chain/lead.ts";
import type { Deps, Suspicion } from "../deps.ts";
import { outcomeOf, type Accepted } from "../intake/accept.ts";
import { keepDurably } from "../intake/durable.ts";
import type { LeadDraft } from "../intake/normalise.ts";
import { writeThenRead } from "../storage/query.ts";
import { insertSuspects, standingIdOfKey, type Suspected } from "./suspects.ts";

/** What looks like spam, what could not be checked, or what is only a test. */
export interface Suspect extends Suspicion {
  readonly draft: LeadDraft;
  readonly idempotencyKey: string | null;
}

/**
 * Keeps a submission away from the reps until somebody releases it; it is no lead until then, and is not routed. As durable as
 * `acceptLead`, and with its outcomes: in D1 or, when D1 does not take it in time, as a whole on the queue, whose consumer puts
 * it here. The id it answers is the id the lead will have. A key that a lead or another of the quarantine has already
 * answers that one's id. Never rejects.
 *
 * No audit row tells of it: the row itself says why and since when, and whoever sends spam must not fill what is kept for ever.
 */
export async function quarantine(
  deps: Deps,
  { draft, door, reason, idempotencyKey }: Suspect,
): Promise<Accepted> {
  const lead: Lead = { ...draft, id: deps.newId(), receivedAt: deps.now() };
  const suspected: Suspected = { lead, idempotencyKey, suspicion: { door, reason } };
  const kept = await keepDurably(deps, suspected, () => persist(deps, suspected));
  if (kept.kept !== "stored") return outcomeOf(kept.kept, lead.id);
  const outcome = kept.standing === lead.id ? "received" : "duplicate";
  return { outcome, leadId: kept.standing };
}

async function persist({ db }: Deps, suspected: Suspected): Promise<string | null> {
  const { lead, idempotencyKey } = suspected;
  const reads = idempotencyKey === null ? [] : [standingIdOfKey(idempotencyKey)];
  const [standing] = await writeThenRead(db, insertSuspects([suspected]), reads);
  return standing === undefined ? lead.id : (standing[0]?.id ?? null);
}
