import { appendCommit, type AuditEvent, insertEvents } from "../../record/events.ts";
import { deliveryEvent } from "../../record/delivery-events.ts";
import type { DecisionKey } from "../../record/decision-key.ts";
import type { Deps } from "../../ports/deps.ts";
import { transaction, type Query } from "../../lib/query.ts";
import type { Announced } from "./announced.ts";
import { finishDeliveries, recordFailedTries, type FailedTry } from "./deliveries.ts";
import { pauseAfter, TRIED_FOR_MS, waitAfter } from "./pause.ts";
import { logWave } from "./log-wave.ts";
import { isClosed, type Attempt } from "./send-wave.ts";
import { calmTroubles, raiseRefused, raiseTrouble, type Trouble } from "./troubles.ts";

/**
 * Records what became of a wave, in one transaction: what was delivered or refused for good is in the audit, what goes again
 * is on the list, and what is wrong with the destination is known. Yields when something may be sent there again: null =
 * at once, else milliseconds since the epoch.
 */
export async function recordWave(
  deps: Deps,
  destination: string,
  attempts: readonly Attempt[],
  troubles: readonly Trouble[],
): Promise<number | null> {
  const now = deps.now();
  const events: AuditEvent[] = [];
  const ended: DecisionKey[] = [];
  const failed: FailedTry[] = [];
  for (const { one, tried } of attempts) {
    const { leadId, generation, type, since } = one;
    const tries = (one.tries ?? 0) + 1;
    const detail = { destination, type, tries };
    const end = (kind: "delivered" | "delivery_failed", more: Readonly<Record<string, unknown>>) =>
      events.push(deliveryEvent(deps.newId(), one, kind, now, { ...detail, ...more }));
    if (tried.outcome === "delivered") {
      end("delivered", { status: tried.status });
      if (one.state !== null) ended.push(one);
      continue;
    }
    const { cause } = tried;
    // A destination that is gone may be back: the delivery waits for that, as for one that is away.
    const askedMs = tried.outcome === "again" ? tried.askedMs : null;
    const next =
      tried.outcome === "refused" ? null : now + waitAfter(tries, askedMs, deps.random());
    const late = next !== null && now - (since ?? now) >= TRIED_FOR_MS;
    if (next === null || late) end("delivery_failed", { cause });
    failed.push({ leadId, generation, cause, next: late ? null : next });
  }
  const { queries, until } = troublesAfter(destination, attempts, troubles, now);
  await transaction(deps.db, [
    ...(events.length > 0 ? [insertEvents(events), appendCommit(now, [], events)] : []),
    ...(ended.length > 0 ? [finishDeliveries(destination, ended)] : []),
    ...(failed.length > 0 ? [recordFailedTries(destination, failed, now)] : []),
    ...queries,
  ]);
  logWave(deps, destination, attempts);
  return until;
}

/** What a wave says of the destination. */
function troublesAfter(
  destination: string,
  attempts: readonly Attempt[],
  troubles: readonly Trouble[],
  now: number,
): { readonly queries: readonly Query[]; readonly until: number | null } {
  const queries: Query[] = [];
  const tries = attempts.map(({ tried }) => tried);
  const refused = tries.find((tried) => tried.outcome === "refused");
  if (refused !== undefined) queries.push(raiseRefused(destination, refused.cause, now));

  const gone = tries.find((tried) => tried.outcome === "gone");
  if (gone !== undefined) {
    queries.push(raiseTrouble(destination, "gone", gone.cause, null, now));
    return { queries, until: now };
  }
  if (isClosed(attempts, 1)) {
    const again = tries.filter((tried) => tried.outcome === "again");
    const failures = troubles.find(({ kind }) => kind === "away")?.failures ?? 0;
    const asked = again.flatMap(({ askedMs }) => askedMs ?? []);
    const until = now + pauseAfter(failures + 1, asked.length > 0 ? Math.max(...asked) : null);
    queries.push(raiseTrouble(destination, "away", again[0]?.cause ?? "", until, now));
    return { queries, until };
  }
  // It answered at least one of them with something else than that it is away.
  if (troubles.some(({ kind }) => kind !== "refused")) queries.push(calmTroubles(destination));
  return { queries, until: null };
}

/** Records decisions that a destination is not told of. */
export async function recordSkipped(
  deps: Deps,
  destination: string,
  skipped: readonly { readonly one: Announced; readonly reason: string }[],
): Promise<void> {
  if (skipped.length === 0) return;
  const now = deps.now();
  const events = skipped.map(({ one, reason }) =>
    deliveryEvent(deps.newId(), one, "delivery_skipped", now, {
      destination,
      type: one.type,
      reason,
    }),
  );
  await transaction(deps.db, [
    insertEvents(events),
    appendCommit(now, [], events),
    finishDeliveries(
      destination,
      skipped.map(({ one }) => one),
    ),
  ]);
}
