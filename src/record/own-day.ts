import { query, sql, type Query } from "../lib/query.ts";

/** A rep's local day as their own cap counts it: over all pods, account matches and hand assignments. */
export interface OwnDay {
  readonly count: number;
  /** Null = no cap of their own. */
  readonly cap: number | null;
}

/**
 * What a commit would count against the rep's own cap: one row, or none when there is no such rep. Reads as many rows as
 * the rep got leads that day.
 * @param day the rep's local date, YYYY-MM-DD
 */
export function ownDayOf(repId: string, day: string): Query<OwnDay> {
  return query(sql`
    SELECT r.daily_cap AS cap,
      (SELECT count(*) FROM decisions d WHERE d.owner_id = r.id AND d.day = ${day}) AS count
    FROM reps r WHERE r.id = ${repId}`);
}

/** Whether the commit would refuse the rep another lead of that day. */
export function isFull({ count, cap }: OwnDay): boolean {
  return cap !== null && count >= cap;
}
