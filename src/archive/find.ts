import { z } from "zod";
import type { Deps } from "../deps.ts";
import type { LeadLine } from "../intake/old-leads.ts";
import { rows, transaction } from "../storage/query.ts";
import { countPartsAfter, keptParts, partAfter, type PartRow } from "./archives.ts";
import { dayOfLead } from "./day.ts";
import { readPart } from "./read-part.ts";
import type { ArchiveDeps } from "./write-part.ts";

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

/** Where a part is: the last one searched. */
export interface PartPlace {
  readonly day: string;
  readonly part: number;
}

/** What a search of some parts found. */
export interface FoundInArchive {
  readonly leads: readonly LeadLine[];
  /** How many parts are not searched yet. */
  readonly partsLeft: number;
  /** Where to carry on; null = all parts are searched. */
  readonly next: PartPlace | null;
}

/** Parts searched per call: each is fetched and read whole. */
const PARTS_AT_ONCE = 5;

/**
 * The archived leads of an email, in as many parts as one call may read: carry on at `next`. Compares as the database does, so the email is
 * to be normalised as intake does it. Without a bucket there are none.
 */
export async function archivedLeadsOf(
  deps: Deps,
  email: string,
  after: PartPlace | null,
): Promise<FoundInArchive> {
  const { db, archive: bucket } = deps;
  const leads: LeadLine[] = [];
  let { day, part } = after ?? { day: "", part: 0 };
  if (!bucket) return { leads, partsLeft: 0, next: null };
  for (let parts = 0; parts < PARTS_AT_ONCE; parts++) {
    const [found] = await rows(db, partAfter("leads", day, part));
    if (found === undefined) return { leads, partsLeft: 0, next: null };
    for (const line of await readPart({ bucket }, found)) {
      // A line is long and parsing it dear; almost none is meant.
      if (!line.includes(JSON.stringify(email))) continue;
      const lead = parseLeadLine(line);
      if (lead.email === email) leads.push(lead);
    }
    ({ day, part } = found);
  }
  const [left] = await rows(db, countPartsAfter("leads", day, part));
  const partsLeft = left?.count ?? 0;
  return { leads, partsLeft, next: partsLeft === 0 ? null : { day, part } };
}

/** An archived lead and the part that has it, line by line. */
export interface ArchivedLead {
  readonly part: PartRow;
  readonly lines: readonly string[];
  /** Which of the lines is the lead's. */
  readonly at: number;
  readonly lead: LeadLine;
}

/**
 * The archived lead of this id, its own or another that a caller was given for it; null when there is none. Reads the parts of the id's
 * day that may hold it: by its other id a lead is found only in the part in which that would stand.
 */
export async function findArchivedLead(
  deps: ArchiveDeps,
  leadId: string,
): Promise<ArchivedLead | null> {
  for (const part of await partsThatMayHold(deps, leadId)) {
    const lines = await readPart(deps, part);
    for (const [at, line] of lines.entries()) {
      if (!line.includes(leadId)) continue;
      const lead = parseLeadLine(line);
      if (lead.id === leadId || lead.aliases.includes(leadId)) return { part, lines, at, lead };
    }
  }
  return null;
}

/** The kept parts whose leads are from before this id to after it. One that holds an id's lead is among them; so may be one that does not. */
export async function partsThatMayHold(
  { db }: Pick<Deps, "db">,
  leadId: string,
): Promise<readonly PartRow[]> {
  const day = dayOfLead(leadId);
  if (day === null) return [];
  const [parts] = await transaction(db, [keptParts("leads", day)]);
  return parts.filter(
    ({ firstLead, lastLead }) =>
      firstLead !== null && lastLead !== null && firstLead <= leadId && leadId <= lastLead,
  );
}
