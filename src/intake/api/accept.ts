import type { Lead } from "../../rules/lead.ts";
import { recordRepeatedSubmission, WINDOW_MS } from "../../record/repeats.ts";
import type { Deps } from "../../ports/deps.ts";
import type { SpilledLead } from "../../record/messages.ts";
import { classifyFailure } from "../../lib/failure.ts";
import { rows, transaction } from "../../lib/query.ts";
import {
  keepDurably,
  limitTime,
  PERSIST_LIMIT_MS,
  sendInTime,
  toStanding,
  type Kept,
  type Standing,
} from "./durable.ts";
import {
  insertLead,
  insertUnlessRepeated,
  standingLeadId,
  standingOfKey,
} from "../../record/leads.ts";
import { smallestLeadId } from "../../lib/ids.ts";
import type { LeadDraft } from "../../rules/lead.ts";

export type Accepted =
  | { readonly outcome: "received"; readonly leadId: string }
  /** The idempotency key was seen before: this is the first lead's id. */
  | { readonly outcome: "duplicate"; readonly leadId: string }
  /** The idempotency key belongs to another lead, which says something else: nothing is kept. */
  | { readonly outcome: "key_reused" }
  | { readonly outcome: "too_large" }
  /** Neither D1 nor the queue has confirmed the lead. It may still land, and is then routed once. */
  | { readonly outcome: "unavailable" };

export interface AcceptOptions {
  /** Where it came in, for the log: "form:contact", "webhook:typeform/contact"; left out = "api", `POST /leads`. */
  readonly door?: string;
  /** Whether the same submission of the last ten minutes is the same lead. A client that sends keys knows better than we. */
  readonly mergeRepeats?: boolean;
  /**
   * Whether a key that was sent with something else before is refused: where clients make keys, who may mistake. A sender that
   * numbers its submissions means the first, also when it delivers it changed.
   */
  readonly comparesKey?: boolean;
}

/** The id of the lead that now stands for this one in D1: its own, or that of the earlier lead that it is. */
async function persist(
  { db }: Deps,
  { lead, idempotencyKey, mergeRepeats }: SpilledLead,
): Promise<Standing | null> {
  if (idempotencyKey !== null) {
    const [, [standing]] = await transaction(db, [
      insertLead(lead, idempotencyKey),
      standingOfKey(lead, idempotencyKey),
    ]);
    return standing === undefined ? null : { id: standing.id, same: standing.same === 1 };
  }
  if (mergeRepeats) {
    const [, [standing]] = await transaction(db, [
      insertUnlessRepeated(lead),
      standingLeadId(lead),
    ]);
    return toStanding(standing?.id ?? null);
  }
  await rows(db, insertLead(lead, null));
  return toStanding(lead.id);
}

/** Tells the earlier lead's story that it was sent again, once in ten minutes. The visitor does not wait for more than its time, nor fail for it. */
async function recordRepeat(deps: Deps, leadId: string): Promise<void> {
  const now = deps.now();
  const since = smallestLeadId(now - WINDOW_MS);
  try {
    await recordRepeatedSubmission(deps.db, { id: deps.newId(), leadId, at: now, since });
  } catch (error) {
    deps.log("warn", "repeat_not_recorded", { leadId, failure: classifyFailure(error) });
  }
}

/**
 * Takes a lead: resolves with `received` once it is durable, in D1 or, when D1 does not take it in time, as a whole on the queue.
 * Never rejects for a fault of either. That D1 has it but the queue was not told is no failure: the sweep finds it. An
 * insert that lands after its time is harmless: it, the spilled message and any retry meet on the lead's id or key.
 *
 * With `mergeRepeats` and no key, the same submission within ten minutes is the same lead, and the lead's story says that it
 * was sent again. Where D1 did not take one of the two in time, the spilled one becomes an alias of the other when it is
 * stored: its caller's id still leads there, but there is no such event. A key cannot be compared then either: what spilled becomes
 * an alias of whatever has its key.
 */
export async function acceptLead(
  deps: Deps,
  draft: LeadDraft,
  idempotencyKey: string | null,
  { door = "api", mergeRepeats = false, comparesKey = false }: AcceptOptions = {},
): Promise<Accepted> {
  const lead: Lead = { ...draft, id: deps.newId(), receivedAt: deps.now() };
  const merges = mergeRepeats && idempotencyKey === null;
  const whole: SpilledLead = { lead, idempotencyKey, ...(merges && { mergeRepeats: true }) };

  const kept = await keepDurably(deps, whole, () => persist(deps, whole));
  const ms = deps.now() - lead.receivedAt;
  if (kept.kept !== "stored") {
    if (kept.kept === "spilled")
      deps.log("info", "lead_received", { leadId: lead.id, door, spilled: true, ms });
    return outcomeOf(kept.kept, lead.id);
  }
  const { id: standing, same } = kept.standing;
  if (comparesKey && !same) return { outcome: "key_reused" };
  if (standing !== lead.id) {
    deps.log("info", "lead_repeated", { leadId: standing, door, ms });
    if (merges)
      await limitTime(deps, PERSIST_LIMIT_MS, recordRepeat(deps, standing), () =>
        deps.log("warn", "repeat_record_late", { leadId: standing }),
      );
    return { outcome: "duplicate", leadId: standing };
  }
  deps.log("info", "lead_received", { leadId: lead.id, door, spilled: false, ms });
  await sendInTime(deps, { leadId: lead.id, generation: 1 });
  return { outcome: "received", leadId: lead.id };
}

/** What is said of a submission that D1 has not taken. */
export function outcomeOf(kept: Exclude<Kept["kept"], "stored">, leadId: string): Accepted {
  switch (kept) {
    case "spilled":
      return { outcome: "received", leadId };
    case "too_large":
      return { outcome: "too_large" };
    case "unconfirmed":
      return { outcome: "unavailable" };
  }
}
