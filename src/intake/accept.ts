import type { Lead } from "../chain/lead.ts";
import type { Deps, RouteMessage } from "../deps.ts";
import { classifyFailure } from "../failure.ts";
import { rows, transaction } from "../storage/query.ts";
import { insertLead, leadIdOfKey } from "./leads.ts";
import type { LeadDraft } from "./normalise.ts";

/** A healthy insert takes tens of milliseconds; stalls of seconds to a minute are reported of D1 on tiny databases. A visitor waits for this. */
export const PERSIST_LIMIT_MS = 2_000;

/** The same for the queue. */
export const SEND_LIMIT_MS = 2_000;

/** Bytes of a whole spilled message as JSON: a queue message is at most 128 kB, its envelope included. */
const MAX_MESSAGE_BYTES = 100_000;

export type Accepted =
  | { readonly outcome: "received"; readonly leadId: string }
  /** The idempotency key was seen before: this is the first lead's id. */
  | { readonly outcome: "duplicate"; readonly leadId: string }
  | { readonly outcome: "too_large" }
  /** Neither D1 nor the queue has confirmed the lead. It may still land, and is then routed once. */
  | { readonly outcome: "unavailable" };

/** Resolves with the work's result, or with null when it takes longer. The work goes on: it cannot be cancelled. */
function limitTime<Result>(
  deps: Deps,
  limitMs: number,
  work: Promise<Result>,
  onLate: () => void,
): Promise<Result | null> {
  let settled = false;
  const inTime = work.finally(() => {
    settled = true;
  });
  const late = deps.sleep(limitMs).then(() => {
    if (!settled) onLate();
    return null;
  });
  return Promise.race([inTime, late]);
}

/** The id of the lead that now stands for this one in D1: its own, or that of an earlier lead of the same key. Null when D1 failed. */
async function persist(
  deps: Deps,
  lead: Lead,
  idempotencyKey: string | null,
): Promise<string | null> {
  try {
    if (idempotencyKey === null) {
      await rows(deps.db, insertLead(lead, null));
      return lead.id;
    }
    const [, [standing]] = await transaction(deps.db, [
      insertLead(lead, idempotencyKey),
      leadIdOfKey(idempotencyKey),
    ]);
    return standing?.id ?? null;
  } catch (error) {
    deps.log("error", "lead_insert_failed", { leadId: lead.id, failure: classifyFailure(error) });
    return null;
  }
}

/** True when the queue has the message; null when it failed. */
async function send(deps: Deps, message: RouteMessage): Promise<true | null> {
  try {
    await deps.leads.send([message]);
    return true;
  } catch (error) {
    const spilled = message.spilled !== undefined;
    deps.log("error", "lead_send_failed", {
      leadId: message.leadId,
      spilled,
      failure: classifyFailure(error),
    });
    return null;
  }
}

/**
 * Takes a lead: resolves with `received` once it is durable, in D1 or, when D1 does not take it in time, as a whole on the queue.
 * Never rejects for a fault of either. That D1 has it but the queue was not told is no failure: the sweep finds it. An
 * insert that lands after its time is harmless: it, the spilled message and any retry meet on the lead's id or key.
 */
export async function acceptLead(
  deps: Deps,
  draft: LeadDraft,
  idempotencyKey: string | null,
): Promise<Accepted> {
  const lead: Lead = { ...draft, id: deps.newId(), receivedAt: deps.now() };
  const route: RouteMessage = { leadId: lead.id, generation: 1 };
  const spill: RouteMessage = { ...route, spilled: { lead, idempotencyKey } };
  if (new TextEncoder().encode(JSON.stringify(spill)).byteLength > MAX_MESSAGE_BYTES)
    return { outcome: "too_large" };

  const standing = await limitTime(
    deps,
    PERSIST_LIMIT_MS,
    persist(deps, lead, idempotencyKey),
    () => deps.log("warn", "lead_insert_late", { leadId: lead.id }),
  );
  if (standing !== null && standing !== lead.id) return { outcome: "duplicate", leadId: standing };

  const message = standing === null ? spill : route;
  const sent = await limitTime(deps, SEND_LIMIT_MS, send(deps, message), () =>
    deps.log("warn", "lead_send_late", { leadId: lead.id, spilled: standing === null }),
  );
  if (standing === null && sent === null) return { outcome: "unavailable" };
  return { outcome: "received", leadId: lead.id };
}
