import { z } from "zod";
import type { LeadLine } from "../record/old-rows.ts";

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
