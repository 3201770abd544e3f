import { query, sql, type Query } from "../../lib/query.ts";

// Who has got as many leads today as their own cap allows, or more: over all pods, account matches and hand assignments.

/** A rep who has reached their own cap. */
export interface FullDay {
  readonly repId: string;
  /** Leads of the rep's present day. */
  readonly count: number;
  readonly cap: number;
}

/** The zones of those who have a cap of their own. Reads every rep. */
export function zonesOfCapped(): Query<{ timeZone: string }> {
  return query(sql`
    SELECT DISTINCT time_zone AS timeZone FROM reps WHERE active = 1 AND daily_cap IS NOT NULL`);
}

/**
 * The active reps who have reached their own cap. Reads every rep, and of those with a cap as many rows as they got leads that day.
 * @param days the present local date of each zone, YYYY-MM-DD; who lives in no zone of it is left out
 */
export function fullDays(days: Readonly<Record<string, string>>): Query<FullDay> {
  return query(sql`
    SELECT repId, count, cap FROM (
      SELECT r.id AS repId, r.daily_cap AS cap, (
        SELECT count(*) FROM decisions d
        WHERE d.owner_id = r.id AND d.day = ${JSON.stringify(days)} ->> r.time_zone) AS count
      FROM reps r
      WHERE r.active = 1 AND r.daily_cap IS NOT NULL AND ${JSON.stringify(days)} ->> r.time_zone IS NOT NULL)
    WHERE count >= cap`);
}
