import { smallestLeadId } from "../lib/ids.ts";
import { rows, transaction, writeThenRead } from "../lib/query.ts";
import type { Deps } from "../ports/deps.ts";
import {
  insertLead,
  insertUnlessRepeated,
  standingLeadId,
  standingOfKey,
} from "../record/leads.ts";
import type { SpilledLead } from "../record/messages.ts";
import {
  insertSuspects,
  standingSuspectId,
  type Suspected,
  suspectOfKey,
} from "../record/quarantine.ts";
import { recordRepeatedSubmission, WINDOW_MS } from "../record/repeats.ts";
import type { Lead, LeadDraft } from "../rules/lead.ts";
import { keepDurably, sendInTime, type Stored, tryInTime } from "./durable.ts";

/** A lead as an endpoint hands it over. */
export interface Submission {
  readonly draft: LeadDraft;
  /** Where it came in: "api", "form:contact", "webhook:typeform/contact". */
  readonly door: string;
  readonly idempotencyKey: string | null;
  /** Why it is kept from the reps until somebody releases it: spam, unchecked, or a test. Left out or null = it is a lead. */
  readonly quarantineFor?: string | null;
  /** Whether the same submission of the last ten minutes is the same lead. A client that sends keys knows better than we. */
  readonly mergeRepeats?: boolean;
  /**
   * Whether a key that was sent with something else before is refused: where clients make keys, who may mistake. A sender that
   * numbers its submissions means the first, also when it delivers it changed.
   */
  readonly comparesKey?: boolean;
  /** Called with the earlier lead's id when this is that lead. Must not reject. */
  readonly onRepeat?: (leadId: string) => Promise<unknown>;
}

export type Accepted =
  | {
      /** "duplicate": the idempotency key was seen before, or it is a repeat; the id is the first lead's. */
      readonly outcome: "received" | "duplicate";
      readonly leadId: string;
      readonly quarantined?: true;
    }
  /** The idempotency key belongs to another lead, which says something else: nothing is kept. */
  | { readonly outcome: "key_reused" }
  | { readonly outcome: "too_large" }
  /** Neither D1 nor the queue has confirmed the lead. It may still land, and is then routed once. */
  | { readonly outcome: "unavailable" };

type AcceptDeps = Pick<Deps, "db" | "leads" | "log" | "newId" | "now" | "sleep">;

/**
 * Accepts a lead: resolves with `received` once it is durable, in D1 or, when D1 does not take it in time, as a whole on the
 * queue. Never rejects for a fault of either. That D1 has it but the queue was not notified is not a failure: the sweep finds
 * it. An insert that lands after its time is harmless: it, the queued message and any retry meet on the lead's id or key.
 *
 * With `mergeRepeats` and no key, the same submission within ten minutes is the same lead, and the lead's story says that it
 * was sent again. Where D1 did not take one of the two in time, the queued one becomes an alias of the other when it is
 * stored: its caller's id still leads there, but there is no such event. A key cannot be compared then either: the queued one
 * becomes an alias of the lead that has its key.
 *
 * With `quarantineFor` it is put in the quarantine, as durably and with the same outcomes: it is not a lead and is not routed
 * until somebody releases it, under the same id. A key that a lead or another quarantined submission has already yields that
 * one's id, and so does, without a key, one that says the same and has waited at the same door for at most ten minutes: as of a
 * lead, so that a sender cannot tell. It has no audit row: its own row says why and since when, and a spammer must not fill
 * tables that are never emptied.
 */
export async function acceptLead(deps: AcceptDeps, submission: Submission): Promise<Accepted> {
  const { draft, door, idempotencyKey, quarantineFor: reason = null } = submission;
  const lead: Lead = { ...draft, id: deps.newId(), receivedAt: deps.now() };
  const merges = submission.mergeRepeats === true && idempotencyKey === null;
  const whole: SpilledLead =
    reason === null
      ? { lead, idempotencyKey, ...(merges && { mergeRepeats: true }) }
      : { lead, idempotencyKey, suspicion: { door, reason } };

  const kept = await keepDurably(deps, whole, () => persist(deps, whole));
  if (kept.outcome === "too_large" || kept.outcome === "unavailable") return kept;
  const spilled = kept.outcome === "queued";
  const { id: leadId, same } = spilled ? { id: lead.id, same: true } : kept.stored;
  if (submission.comparesKey === true && !same) return { outcome: "key_reused" };
  const outcome = leadId === lead.id ? "received" : "duplicate";
  if (reason !== null) return { outcome, leadId, quarantined: true };

  const ms = deps.now() - lead.receivedAt;
  if (outcome === "received") {
    deps.log("info", "lead_received", { leadId, door, spilled, ms });
    if (!spilled) await sendInTime(deps, { leadId, generation: 1 });
  } else {
    deps.log("info", "lead_repeated", { leadId, door, ms });
    if (merges) await recordRepeat(deps, leadId);
    await submission.onRepeat?.(leadId);
  }
  return { outcome, leadId };
}

/** Stores a submission, and yields what D1 now holds for it: itself, or the earlier one that it repeats. */
async function persist({ db }: Pick<Deps, "db">, whole: SpilledLead): Promise<Stored | null> {
  const { lead, idempotencyKey: key, suspicion, mergeRepeats } = whole;
  if (suspicion !== undefined) {
    // A queued one does not merge with its repeats: its sender was given an id by then, which has to be found.
    const suspected = { ...whole, suspicion };
    const writes = insertSuspects([{ ...suspected, mergeRepeats: true }]);
    const reads = key === null ? [standingSuspectId(suspected)] : readsOfKey(suspected, key);
    return firstOf(await writeThenRead(db, writes, reads));
  }
  if (key !== null)
    return firstOf(await writeThenRead(db, [insertLead(lead, key)], [standingOfKey(lead, key)]));
  if (mergeRepeats)
    return firstOf(await writeThenRead(db, [insertUnlessRepeated(lead)], [standingLeadId(lead)]));
  await rows(db, insertLead(lead, null));
  return { id: lead.id, same: true };
}

/** Tells the earlier lead's story that it was sent again, once in ten minutes. The visitor waits for this no longer than for D1. */
async function recordRepeat(deps: AcceptDeps, leadId: string): Promise<void> {
  const now = deps.now();
  const repeat = { id: deps.newId(), leadId, at: now, since: smallestLeadId(now - WINDOW_MS) };
  await tryInTime(deps, recordRepeatedSubmission(deps.db, repeat), {
    failed: ["warn", "repeat_not_recorded", { leadId }],
    late: ["warn", "repeat_record_late", { leadId }],
  });
}

/** The id of a lead, or of a quarantined submission, that a submission repeats; null where none is known in time. Never rejects. */
export function findRepeat(deps: AcceptDeps, submission: Submission): Promise<string | null> {
  return tryInTime(deps, lookUpRepeat(deps, submission), {
    failed: ["warn", "repeat_not_looked_up"],
    late: ["warn", "repeat_look_up_late"],
  });
}

async function lookUpRepeat(
  { db, newId, now }: AcceptDeps,
  { draft, door, idempotencyKey: key }: Submission,
): Promise<string | null> {
  const lead: Lead = { ...draft, id: newId(), receivedAt: now() };
  const suspected = { lead, idempotencyKey: key, suspicion: { door, reason: "" } };
  const reads =
    key === null
      ? [standingLeadId(lead), standingSuspectId(suspected)]
      : readsOfKey(suspected, key);
  const found = firstOf(await transaction(db, reads));
  return found?.same === true ? found.id : null;
}

/** Looks for a key among the leads, then in the quarantine. */
function readsOfKey(suspected: Suspected, key: string) {
  return [standingOfKey(suspected.lead, key), suspectOfKey(suspected, key)];
}

interface Found {
  readonly id: string | null;
  /** 0 of one that has the key but says something else. */
  readonly same?: number;
}

function firstOf(found: readonly (readonly Found[])[]): Stored | null {
  for (const { id, same = 1 } of found.flat()) if (id !== null) return { id, same: same === 1 };
  return null;
}
