import { query, sql, type Query } from "../../lib/query.ts";
import type { destinationTroubles } from "../../record/schema.ts";
import type { StoredRow } from "../../record/columns.ts";

// The one place that writes `destination_troubles`: what is wrong with a destination. A healthy one has no row.

/**
 * - `away`: it does not answer, asks to slow down, is broken (5xx, 429), or lets nothing in (401, 403, 404, a redirect);
 * - `unusable`: its URL or its secrets are not set, or cannot be used;
 * - `gone`: it answered 410, and nothing is sent until somebody retries a delivery;
 * - `refused`: it refused a delivery for good. Nothing is held back for it.
 */
export type TroubleKind = StoredRow<typeof destinationTroubles>["kind"];
export type Trouble = Pick<
  StoredRow<typeof destinationTroubles>,
  "destination" | "kind" | "cause" | "since" | "until" | "failures"
>;

/** Failures in a row before ops are told that a destination is away: with the pauses of pause.ts after about four minutes. */
const TOLD_AFTER_FAILURES = 5;
/** Least time between two tellings that a destination refuses deliveries, in milliseconds: a day. It may be about one lead. */
const REFUSED_AGAIN_MS = 24 * 60 * 60_000;

const columns = sql.raw("destination, kind, cause, since, until, failures");

export function troublesOf(destination: string): Query<Trouble> {
  return query(sql`SELECT ${columns} FROM destination_troubles WHERE destination = ${destination}`);
}

/** A few rows a destination. */
export function allTroubles(): Query<Trouble> {
  return query(sql`SELECT ${columns} FROM destination_troubles ORDER BY destination, kind`);
}

/**
 * One more failure.
 * @param until nothing is sent before, milliseconds since the epoch; null = until somebody retries */
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

/** A delivery was refused for good: ops hear of it, unless they did within a day. Writes nothing then. */
export function raiseRefused(destination: string, cause: string, now: number): Query {
  return query(sql`
    INSERT INTO destination_troubles (destination, kind, cause, since, failures)
    VALUES (${destination}, 'refused', ${cause}, ${now}, 1)
    ON CONFLICT (destination, kind) DO UPDATE SET cause = excluded.cause, since = excluded.since, told_at = NULL
      WHERE told_at <= ${now - REFUSED_AGAIN_MS}`);
}

/** The destination took a delivery, or somebody says that it would: nothing is held back any more. */
export function calmTroubles(destination: string): Query {
  return query(
    sql`DELETE FROM destination_troubles WHERE destination = ${destination} AND kind <> 'refused'`,
  );
}

/** What ops have still to be told. A destination that is away for a moment is no news. */
export function untoldTroubles(limit: number): Query<Trouble> {
  return query(sql`
    SELECT ${columns} FROM destination_troubles
    WHERE told_at IS NULL AND (kind <> 'away' OR failures >= ${TOLD_AFTER_FAILURES})
    ORDER BY since, destination, kind LIMIT ${limit}`);
}

export function markTold(troubles: readonly Trouble[], now: number): Query {
  const keys = troubles.map(({ destination, kind }) => [destination, kind]);
  return query(sql`
    UPDATE destination_troubles SET told_at = ${now} WHERE (destination, kind) IN (
      SELECT value ->> 0, value ->> 1 FROM json_each(${JSON.stringify(keys)}))`);
}
