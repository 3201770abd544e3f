import { query, sql, type Query } from "../../lib/query.ts";
import type { webhookAlarms } from "../../record/schema.ts";
import type { StoredRow } from "../../record/columns.ts";
import type { KeptReason } from "./deliveries.ts";

// The one place that writes `webhook_alarms`: of what ops are told, and when they were.

/** Least time between two alarms of one source for one reason, in milliseconds, whatever came between: an attack is no ticker. */
const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;

/** Told again only after a good delivery came: the source as a whole does not work until then. Others: once a day at most. */
const UNTIL_GOOD: ReadonlySet<KeptReason> = new Set(["bad_signature", "not_configured"]);

export type Alarm = Pick<StoredRow<typeof webhookAlarms>, "source" | "reason" | "raisedAt">;

/** Has ops told of a source, unless they know. Writes nothing then. */
export function raiseAlarm(source: string, reason: KeptReason, now: number): Query {
  const untilGood = UNTIL_GOOD.has(reason);
  const again = now - (untilGood ? HOUR_MS : DAY_MS);
  return query(sql`
    INSERT INTO webhook_alarms (source, reason, raised_at, standing) VALUES (${source}, ${reason}, ${now}, ${Number(untilGood)})
    ON CONFLICT (source, reason) DO UPDATE SET raised_at = excluded.raised_at, standing = excluded.standing, told_at = NULL
      WHERE standing = 0 AND told_at <= ${again}`);
}

/** A delivery of this source was good: the next trouble is news. Writes nothing where there was none. */
export function calmAlarms(source: string): Query {
  return query(
    sql`UPDATE webhook_alarms SET standing = 0 WHERE source = ${source} AND standing = 1`,
  );
}

/** Alarms that ops have still to be told of. The table has a handful of rows a source. */
export function untoldAlarms(limit: number): Query<Alarm> {
  return query(sql`
    SELECT source, reason, raised_at AS raisedAt FROM webhook_alarms WHERE told_at IS NULL
    ORDER BY raised_at, source, reason LIMIT ${limit}`);
}

/** Ops know of these. */
export function markTold(alarms: readonly Alarm[], now: number): Query {
  const keys = alarms.map(({ source, reason }) => [source, reason]);
  return query(sql`
    UPDATE webhook_alarms SET told_at = ${now} WHERE (source, reason) IN (
      SELECT value ->> 0, value ->> 1 FROM json_each(${JSON.stringify(keys)}))`);
}
