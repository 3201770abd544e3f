import { z } from "zod";
import type { LeadLine } from "../record/old-rows.ts";
import { DAY_MS, dayOf } from "../record/digest-lines.ts";

const leadLine = z.strictObject({
  id: z.string(),
  received_at: z.number(),
  email: z.string().nullable(),
  phone: z.string().nullable(),
  name: z.string().nullable(),
  company: z.string().nullable(),
  company_domain: z.string().nullable(),
  country_code: z.string().nullable(),
  region: z.string().nullable(),
  source: z.string().nullable(),
  score: z.number().nullable(),
  fields: z.string(),
  idempotency_key: z.string().nullable(),
  erased_at: z.number().nullable(),
  aliases: z.array(z.string()),
}) satisfies z.ZodType<LeadLine>;

/** A lead's line of the archive. Throws a ZodError where it is none. */
export function parseLeadLine(line: string): LeadLine {
  return leadLine.parse(JSON.parse(line));
}

/** A lead as the archive writes it: one line of JSON under the names of its columns. */
export function lineOfLead(lead: LeadLine): string {
  return JSON.stringify(lead);
}

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
