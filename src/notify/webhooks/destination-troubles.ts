import { query, rows, sql, type Query } from "../../lib/query.ts";
import type { Deps } from "../../ports/deps.ts";
import { columns, except, type StoredRow } from "../../record/columns.ts";
import { destinationTroubleEvent } from "../../record/delivery-events.ts";
import { destinationTroubles } from "../../record/schema.ts";
import { recordWith } from "../announcement.ts";
import type { SlackMessage } from "../slack/format.ts";
import { notifyOpsOnce, opsMessage } from "../slack/ops.ts";

// What is wrong with a destination: the only place that writes `destination_troubles`. A healthy destination has no row.

const readable = except(destinationTroubles, "toldAt");
/**
 * - `away`: it does not answer, asks to slow down, is broken (5xx, 429), or lets nothing in (401, 403, 404, a redirect);
 * - `unusable`: its URL or its secrets are not set, or cannot be used;
 * - `gone`: it answered 410, and nothing is sent until somebody retries a delivery;
 * - `refused`: it refused a delivery for good. Nothing is held back for it.
 */
type TroubleKind = Trouble["kind"];
export type Trouble = StoredRow<typeof readable>;

/** Failures in a row before ops are notified that a destination is away: with the pauses of attempts.ts after about four minutes. */
const NEWS_AFTER_FAILURES = 5;
/** Least time between two notices that a destination refuses deliveries, in milliseconds: a day. It may be about one lead. */
const REFUSED_AGAIN_MS = 24 * 60 * 60_000;
/** Troubles in one message: each has a line of its whole cause then. */
const TROUBLES_PER_MESSAGE = 10;

export function troublesOf(destination: string): Query<Trouble> {
  return query(
    sql`SELECT ${columns(readable)} FROM destination_troubles WHERE destination = ${destination}`,
  );
}

/** A few rows a destination. */
export function allTroubles(): Query<Trouble> {
  return query(
    sql`SELECT ${columns(readable)} FROM destination_troubles ORDER BY destination, kind`,
  );
}

/** When something may be sent there again, milliseconds since the epoch: `now` when nothing is in the way, null = when somebody retries. */
export function openFrom(troubles: readonly Trouble[], now: number): number | null {
  if (troubles.some(({ kind }) => kind === "gone")) return null;
  return Math.max(now, ...troubles.map(({ until }) => until ?? now));
}

/** One more failure. @param until nothing is sent before, milliseconds since the epoch; null = until somebody retries */
export function raiseTrouble(
  destination: string,
  kind: Exclude<TroubleKind, "refused">,
  cause: string,
  until: number | null,
  now: number,
): Query {
  return query(sql`
    INSERT INTO destination_troubles (destination, kind, cause, since, until, failures)
    VALUES (${destination}, ${kind}, ${cause}, ${now}, ${until}, 1)
    ON CONFLICT (destination, kind) DO UPDATE SET cause = excluded.cause,
      -- What was under way together failed together: that is one failure, and no reason to ask sooner.
      failures = failures + coalesce(until <= ${now}, 0), until = max(until, excluded.until)`);
}

/** A delivery was refused for good: news for ops, unless they were notified within a day. Writes nothing then. */
export function raiseRefused(destination: string, cause: string, now: number): Query {
  return query(sql`
    INSERT INTO destination_troubles (destination, kind, cause, since, failures)
    VALUES (${destination}, 'refused', ${cause}, ${now}, 1)
    ON CONFLICT (destination, kind) DO UPDATE SET cause = excluded.cause, since = excluded.since, told_at = NULL
      WHERE told_at <= ${now - REFUSED_AGAIN_MS}`);
}

/** The destination accepted a delivery, or somebody says that it would: nothing is held back any more. */
export function calmTroubles(destination: string): Query {
  return query(
    sql`DELETE FROM destination_troubles WHERE destination = ${destination} AND kind <> 'refused'`,
  );
}

/** Notifies ops of destinations in trouble: once for each trouble, however many leads wait for it. */
export async function notifyOfDestinations(deps: Deps): Promise<void> {
  // A destination that is away for a moment is no news.
  const news = await rows(
    deps.db,
    query<Trouble>(sql`
      SELECT ${columns(readable)} FROM destination_troubles
      WHERE told_at IS NULL AND (kind <> 'away' OR failures >= ${NEWS_AFTER_FAILURES})
      ORDER BY since, destination, kind LIMIT ${TROUBLES_PER_MESSAGE}`),
  );
  if (news.length === 0) return;
  const failed = { event: "destination_trouble_not_told", detail: { troubles: news.length } };
  await notifyOpsOnce(deps, troubleMessage(news), failed, async (untold) => {
    const now = deps.now();
    const events = news.map(({ destination, kind: trouble, cause, since }) =>
      destinationTroubleEvent(deps.newId(), destination, now, { trouble, cause, since, untold }),
    );
    const keys = JSON.stringify(news.map(({ destination, kind }) => [destination, kind]));
    const markTold = sql`
      UPDATE destination_troubles SET told_at = ${now} WHERE (destination, kind) IN (
        SELECT value ->> 0, value ->> 1 FROM json_each(${keys}))`;
    await recordWith(deps, events, [query(markTold)]);
  });
}

/** What is wrong with a destination, and what to do: reads on after its name, with the cause behind it. */
export const TROUBLE: Readonly<Record<TroubleKind, string>> = {
  away: "is not accepting deliveries at the moment. They are retried automatically.",
  unusable: "cannot be sent to: its URL or its secrets are not set, or cannot be used.",
  gone: "says that it is gone. Nothing is sent there until you retry one of its deliveries.",
  refused: "refused a delivery for good.",
};

/** A message to ops about destinations in trouble. Nothing in it was sent by anybody. */
function troubleMessage(troubles: readonly Trouble[]): SlackMessage {
  const [first] = troubles;
  const title =
    troubles.length === 1
      ? `An outgoing webhook needs attention: ${first?.destination ?? ""}`
      : `${troubles.length} outgoing webhooks need attention`;
  const lines = troubles.map(
    ({ destination, kind, cause }) => `${destination} ${TROUBLE[kind]} (${cause})`,
  );
  const note =
    "GET /api/deliveries lists waiting and failed deliveries; POST /api/deliveries/ID/retry sends one again. You are not notified about each delivery.";
  return opsMessage(title, lines, note);
}
