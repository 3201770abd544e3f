import type { Query } from "../../lib/query.ts";
import type { Deps } from "../../ports/deps.ts";
import type { DecisionKey } from "../../record/decision-key.ts";
import { type Ending, logAnnounced, recordEndings } from "../announcement.ts";
import { type FailedTry, recordFailedTries, removeDeliveries } from "./deliveries.ts";
import { calmTroubles, raiseRefused, raiseTrouble, type Trouble } from "./destination-troubles.ts";
import type { Outgoing } from "./payload.ts";
import type { Tried } from "./receiver.ts";

/** A delivery and what became of its try. */
export interface Attempt {
  readonly one: Outgoing;
  readonly tried: Tried;
}

/** First pause of a destination that is away, in milliseconds; it doubles with each failure in a row. */
const FIRST_PAUSE_MS = 15_000;
/** Longest pause, in milliseconds: so long a destination that works again may wait to be asked. */
const LONGEST_PAUSE_MS = 30 * 60_000;

/** First wait before one delivery is tried again, in milliseconds; it is four times as long after each try. */
const FIRST_WAIT_MS = 60_000;
const LONGEST_WAIT_MS = 6 * 60 * 60_000;

/** How long a delivery is tried, in milliseconds: three days, enough for a receiver that broke on a Friday evening. */
export const TRIED_FOR_MS = 3 * 24 * 60 * 60_000;

/** How long a destination is left alone after so many failures in a row, or longer where it asks for it. In milliseconds. */
function pauseAfter(failures: number, askedMs: number): number {
  const pause = Math.min(FIRST_PAUSE_MS * 2 ** Math.min(failures - 1, 10), LONGEST_PAUSE_MS);
  return Math.max(pause, askedMs);
}

/** How long a delivery waits after so many tries: with jitter of a quarter either way. In milliseconds. @param random in [0, 1) */
function waitAfter(tries: number, askedMs: number, random: number): number {
  const wait = Math.min(FIRST_WAIT_MS * 4 ** Math.min(tries - 1, 10), LONGEST_WAIT_MS);
  return Math.max(Math.round(wait * (0.75 + random / 2)), askedMs);
}

/** Whether a destination that answered so accepts nothing now. @param enough failures, and nothing but failures, that say so */
export function isClosed(attempts: readonly Attempt[], enough: number): boolean {
  const tries = attempts.map(({ tried }) => tried);
  const isAsked = (tried: Tried) => tried.outcome === "again" && tried.whose === "asked";
  if (tries.some((tried) => tried.outcome === "gone" || isAsked(tried))) return true;
  const failures = tries.filter(
    (tried) => tried.outcome === "again" && tried.whose === "destination",
  );
  return failures.length >= enough && failures.length === tries.length;
}

type RecordDeps = Pick<Deps, "db" | "now" | "newId" | "random" | "log">;

/**
 * Records attempts in one transaction: deliveries that arrived or were refused for good are in the audit, those to be retried on
 * the list, and what is wrong with the destination is known. Yields when something may be sent there again: null = at once, else
 * milliseconds since the epoch.
 */
export async function recordAttempts(
  deps: RecordDeps,
  destination: string,
  attempts: readonly Attempt[],
  troubles: readonly Trouble[],
): Promise<number | null> {
  const now = deps.now();
  const ended: Ending[] = [];
  const arrived: DecisionKey[] = [];
  const failed: FailedTry[] = [];
  for (const { one, tried } of attempts) {
    const { leadId, generation, type, since } = one;
    const tries = triesOf(one);
    const end = (kind: Ending["kind"], more: object) =>
      ended.push({ kind, lead: one, detail: { destination, type, tries, ...more } });
    if (tried.outcome === "delivered") {
      end("delivered", { status: tried.status });
      if (one.state !== null) arrived.push(one);
      continue;
    }
    const { cause } = tried;
    // A destination that is gone may come back: the delivery waits for that, as for one that is away.
    const askedMs = tried.outcome === "again" ? (tried.askedMs ?? 0) : 0;
    const wait = tried.outcome === "refused" ? null : waitAfter(tries, askedMs, deps.random());
    const isLate = now - (since ?? now) >= TRIED_FOR_MS;
    const next = wait === null || isLate ? null : now + wait;
    if (next === null) end("delivery_failed", { cause });
    failed.push({ leadId, generation, cause, next });
  }
  const { queries, until } = troublesAfter(destination, attempts, troubles, now);
  await recordEndings(deps, ended, [
    ...(arrived.length > 0 ? [removeDeliveries(destination, arrived)] : []),
    ...(failed.length > 0 ? [recordFailedTries(destination, failed, now)] : []),
    ...queries,
  ]);
  for (const { one, tried } of attempts) {
    const detail = { destination, tries: triesOf(one) };
    if (tried.outcome === "delivered")
      logAnnounced(deps, "info", "delivered", one, { ...detail, status: tried.status });
    else {
      const { outcome, cause } = tried;
      logAnnounced(deps, "warn", "not_delivered", one, { ...detail, outcome, cause });
    }
  }
  return until;
}

/** This try included. */
function triesOf({ tries }: Outgoing): number {
  return (tries ?? 0) + 1;
}

/** What attempts say of the destination. */
function troublesAfter(
  destination: string,
  attempts: readonly Attempt[],
  troubles: readonly Trouble[],
  now: number,
): { readonly queries: readonly Query[]; readonly until: number | null } {
  const tries = attempts.map(({ tried }) => tried);
  const refused = tries.find((tried) => tried.outcome === "refused");
  const queries = refused === undefined ? [] : [raiseRefused(destination, refused.cause, now)];

  const gone = tries.find((tried) => tried.outcome === "gone");
  if (gone !== undefined) {
    queries.push(raiseTrouble(destination, "gone", gone.cause, null, now));
    return { queries, until: now };
  }
  if (isClosed(attempts, 1)) {
    const again = tries.filter((tried) => tried.outcome === "again");
    const failures = troubles.find(({ kind }) => kind === "away")?.failures ?? 0;
    const asked = Math.max(0, ...again.map(({ askedMs }) => askedMs ?? 0));
    const until = now + pauseAfter(failures + 1, asked);
    queries.push(raiseTrouble(destination, "away", again[0]?.cause ?? "", until, now));
    return { queries, until };
  }
  // It answered at least one of them with something else than that it is away.
  if (troubles.some(({ kind }) => kind !== "refused")) queries.push(calmTroubles(destination));
  return { queries, until: null };
}
