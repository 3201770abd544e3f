import { classifyFailure } from "../lib/failure.ts";
import type { LogDetail } from "../lib/log.ts";
import { writeThenRead } from "../lib/query.ts";
import type { Deps } from "../ports/deps.ts";
import { resolveAliases, storeSpilled } from "../record/leads.ts";
import type { RouteMessage, RouteRequest, SpilledLead } from "../record/messages.ts";
import { insertSuspects } from "../record/quarantine.ts";

/** A healthy insert takes tens of milliseconds; stalls of seconds to a minute are reported of D1 on tiny databases. A visitor waits for this. */
export const PERSIST_LIMIT_MS = 2_000;

/** The same for the queue. */
export const SEND_LIMIT_MS = 2_000;

/** Bytes of a queue message that carries a whole lead, as JSON: a message is at most 128 kB, its envelope included. */
const MAX_MESSAGE_BYTES = 100_000;

type Clock = Pick<Deps, "sleep">;

/** Resolves with the work's result, or with null when it takes longer. The work goes on: it cannot be cancelled. */
export function limitTime<Result>(
  deps: Clock,
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

type Line = readonly [level: "warn" | "error", event: string, detail?: LogDetail];

/** As {@link limitTime}, and null as well when the work fails: the log says which of the two it was. Never rejects. */
export function tryInTime<Result>(
  deps: Clock & Pick<Deps, "log">,
  work: Promise<Result>,
  { failed: [level, event, detail], late }: { readonly failed: Line; readonly late: Line },
  limitMs = PERSIST_LIMIT_MS,
): Promise<Result | null> {
  const caught = work.catch((error: unknown) => {
    deps.log(level, event, { ...detail, failure: classifyFailure(error) });
    return null;
  });
  return limitTime(deps, limitMs, caught, () => deps.log(...late));
}

/** The submission that D1 holds. */
export interface Stored {
  /** Its own id, or that of the earlier submission that it repeats. */
  readonly id: string;
  /** False when the earlier one has its key, but says something else. */
  readonly same: boolean;
}

/** Where a submission is kept. */
export type Kept =
  | { readonly outcome: "stored"; readonly stored: Stored }
  /** The queue has all of it. */
  | { readonly outcome: "queued" }
  /** It was neither stored nor sent: no queue message could carry it. */
  | { readonly outcome: "too_large" }
  /** Neither D1 nor the queue has confirmed it. It may still land, and then counts once. */
  | { readonly outcome: "unavailable" };

/**
 * Keeps a submission in D1 or, when D1 does not take it in time, as a whole on the queue. Never rejects for a fault of
 * either. An insert that lands after its time is harmless where it, the queued message and any retry meet on id or key.
 * @param persist stores it, and yields what D1 now holds; may reject
 */
export async function keepDurably(
  deps: Clock & Pick<Deps, "leads" | "log">,
  whole: SpilledLead,
  persist: () => Promise<Stored | null>,
): Promise<Kept> {
  const { id: leadId } = whole.lead;
  const message: RouteMessage = { leadId, generation: 1, spilled: whole };
  if (new TextEncoder().encode(JSON.stringify(message)).byteLength > MAX_MESSAGE_BYTES)
    return { outcome: "too_large" };
  const stored = await tryInTime(deps, persist(), {
    failed: ["error", "lead_insert_failed", { leadId }],
    late: ["warn", "lead_insert_late", { leadId }],
  });
  if (stored !== null) return { outcome: "stored", stored };
  return { outcome: (await sendInTime(deps, message)) === null ? "unavailable" : "queued" };
}

/** True when the queue has the message; null when it failed or took too long. */
export function sendInTime(
  deps: Clock & Pick<Deps, "leads" | "log">,
  message: RouteMessage,
): Promise<true | null> {
  const detail = { leadId: message.leadId, spilled: message.spilled !== undefined };
  const send = async (): Promise<true> => {
    await deps.leads.send([message]);
    return true;
  };
  const lines = {
    failed: ["error", "lead_send_failed", detail],
    late: ["warn", "lead_send_late", detail],
  } as const;
  return tryInTime(deps, send(), lines, SEND_LIMIT_MS);
}

/**
 * Stores the leads that were queued whole because D1 did not take them at intake, and yields the requests that remain. A lead
 * whose idempotency key already belonged to another became an alias of that one, which has its own way to a decision. A
 * submission for the quarantine is put there, and its request is dropped: it is not routed until it is released.
 */
export async function storeSpills(
  { db }: Pick<Deps, "db">,
  requests: readonly RouteRequest[],
): Promise<readonly RouteRequest[]> {
  const spilled = requests.flatMap((request) => request.spilled ?? []);
  if (spilled.length === 0) return requests;
  const leads = spilled.filter(({ suspicion }) => suspicion === undefined);
  const suspects = spilled.flatMap(({ suspicion, ...whole }) =>
    suspicion === undefined ? [] : [{ ...whole, suspicion }],
  );
  const [names] = await writeThenRead(
    db,
    [...storeSpilled(leads), ...insertSuspects(suspects)],
    [resolveAliases(leads.map(({ lead }) => lead.id))],
  );
  const gone = new Set(names.filter(({ id, leadId }) => id !== leadId).map(({ id }) => id));
  for (const { lead } of suspects) gone.add(lead.id);
  return requests.filter(({ leadId }) => !gone.has(leadId));
}
