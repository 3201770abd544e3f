import type { Deps } from "../../ports/deps.ts";
import type { RouteMessage, SpilledLead } from "../../record/messages.ts";
import { classifyFailure } from "../../lib/failure.ts";

/** A healthy insert takes tens of milliseconds; stalls of seconds to a minute are reported of D1 on tiny databases. A visitor waits for this. */
export const PERSIST_LIMIT_MS = 2_000;

/** The same for the queue. */
export const SEND_LIMIT_MS = 2_000;

/** Bytes of a whole spilled message as JSON: a queue message is at most 128 kB, its envelope included. */
const MAX_MESSAGE_BYTES = 100_000;

/** Resolves with the work's result, or with null when it takes longer. The work goes on: it cannot be cancelled. */
export function limitTime<Result>(
  deps: Pick<Deps, "sleep">,
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

/** What stands for a submission in D1. */
export interface Standing {
  /** Its own id, or that of an earlier one. */
  readonly id: string;
  /** False when that one has its key, but says something else. */
  readonly same: boolean;
}

/** What stands for a submission by its own right or because it says the same. */
export function toStanding(id: string | null): Standing | null {
  return id === null ? null : { id, same: true };
}

/** Where a submission is kept. */
export type Kept =
  /** D1 has it, or an earlier one that stands for it. */
  | { readonly kept: "stored"; readonly standing: Standing }
  /** The queue has all of it. */
  | { readonly kept: "spilled" }
  /** It was neither stored nor sent: no queue message could carry it. */
  | { readonly kept: "too_large" }
  /** Neither D1 nor the queue has confirmed it. It may still land, and then counts once. */
  | { readonly kept: "unconfirmed" };

/**
 * Keeps a submission in D1 or, when D1 does not take it in time, as a whole on the queue. Never rejects for a fault of
 * either. An insert that lands after its time is harmless where it, the spilled message and any retry meet on id or key.
 * @param persist stores it, and yields what now stands for it; may reject
 */
export async function keepDurably(
  deps: Deps,
  whole: SpilledLead,
  persist: () => Promise<Standing | null>,
): Promise<Kept> {
  const { id: leadId } = whole.lead;
  const spill: RouteMessage = { leadId, generation: 1, spilled: whole };
  if (new TextEncoder().encode(JSON.stringify(spill)).byteLength > MAX_MESSAGE_BYTES)
    return { kept: "too_large" };

  const stored = persist().catch((error: unknown) => {
    deps.log("error", "lead_insert_failed", { leadId, failure: classifyFailure(error) });
    return null;
  });
  const standing = await limitTime(deps, PERSIST_LIMIT_MS, stored, () =>
    deps.log("warn", "lead_insert_late", { leadId }),
  );
  if (standing !== null) return { kept: "stored", standing };
  return { kept: (await sendInTime(deps, spill)) === null ? "unconfirmed" : "spilled" };
}

/** True when the queue has the message; null when it failed or took too long. */
export function sendInTime(deps: Deps, message: RouteMessage): Promise<true | null> {
  const detail = { leadId: message.leadId, spilled: message.spilled !== undefined };
  return limitTime(deps, SEND_LIMIT_MS, send(deps, message, detail), () =>
    deps.log("warn", "lead_send_late", detail),
  );
}

async function send(
  deps: Deps,
  message: RouteMessage,
  detail: Readonly<Record<string, string | boolean>>,
): Promise<true | null> {
  try {
    await deps.leads.send([message]);
    return true;
  } catch (error) {
    deps.log("error", "lead_send_failed", { ...detail, failure: classifyFailure(error) });
    return null;
  }
}
