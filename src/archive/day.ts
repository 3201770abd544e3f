import { DAY_MS, dayOf } from "../record/digest-lines.ts";

// The days of the archive's parts: UTC, as YYYY-MM-DD.

/** The day on which a lead's id was made; null when the id is no UUIDv7. */
export function dayOfLead(leadId: string): string | null {
  const [, high, low] = /^([0-9a-f]{8})-([0-9a-f]{4})-7/.exec(leadId) ?? [];
  return high === undefined || low === undefined ? null : dayOf(Number.parseInt(high + low, 16));
}

/** The first day that is still kept in the database: all of the days before it ended more than so many days ago. */
export function firstKeptDay(now: number, retentionDays: number): string {
  return dayOf(now - retentionDays * DAY_MS);
}
