import type { Deps } from "../ports/deps.ts";
import type { LeadLine } from "../record/old-rows.ts";
import { rows, transaction } from "../lib/query.ts";
import { countPartsAfter, keptParts, partAfter, type PartRow } from "../record/archives.ts";
import { dayOfLead, parseLeadLine } from "./lead-line.ts";
import { type ArchiveDeps, readFromPart, readPart } from "./parts.ts";
import { RouterError } from "../lib/failure.ts";
import type { ArchiveBucket } from "../ports/bucket.ts";

/** Where a part is: the last one searched. */
export interface PartPlace {
  readonly day: string;
  readonly part: number;
}

/** An archived lead and where it stands. A part that is written anew has the lead on the same line. */
export interface FoundLead {
  readonly place: PartPlace;
  /** Which line of the part it is. */
  readonly at: number;
  readonly lead: LeadLine;
}

/** What a search of some parts found. */
export interface FoundInArchive {
  readonly leads: readonly FoundLead[];
  /** The keys of parts that were to be searched and could not be read: they may hold more. */
  readonly unreadable: readonly string[];
  /** How many parts are not searched yet. */
  readonly partsLeft: number;
  /** Where to carry on; null = all parts are searched. */
  readonly next: PartPlace | null;
}

/** Parts searched per call: each is fetched and read whole. */
const PARTS_AT_ONCE = 5;
/** Parts per call that hold leads of the email: to erase them takes a dozen calls of D1 and bucket a part, and the free plan allows 50. */
const PARTS_WITH_LEADS = 2;

/**
 * The archived leads of an email, in as many parts as one call may read: carry on at `next`. Compares as the database does, so the email is
 * to be normalised as intake does it. Parts that cannot be read are named and passed by. Without a bucket there are none.
 */
export async function archivedLeadsOf(
  deps: Deps,
  email: string,
  after: PartPlace | null,
): Promise<FoundInArchive> {
  const { db, archive: bucket } = deps;
  const leads: FoundLead[] = [];
  const unreadable: string[] = [];
  let place = after ?? { day: "", part: 0 };
  if (!bucket) return { leads, unreadable, partsLeft: 0, next: null };
  let withLeads = 0;
  for (let parts = 0; parts < PARTS_AT_ONCE && withLeads < PARTS_WITH_LEADS; parts++) {
    const [part] = await rows(db, partAfter("leads", place.day, place.part));
    if (part === undefined) return { leads, unreadable, partsLeft: 0, next: null };
    place = { day: part.day, part: part.part };
    const found = await readFromPart({ ...deps, bucket }, part, (lines) =>
      leadsOfEmail(lines, email, place),
    );
    if (found === null) unreadable.push(part.key);
    else if (found.length > 0) withLeads++;
    leads.push(...(found ?? []));
  }
  const [left] = await rows(db, countPartsAfter("leads", place.day, place.part));
  const partsLeft = left?.count ?? 0;
  return { leads, unreadable, partsLeft, next: partsLeft === 0 ? null : place };
}

function leadsOfEmail(lines: readonly string[], email: string, place: PartPlace): FoundLead[] {
  const found: FoundLead[] = [];
  for (const [at, line] of lines.entries()) {
    // A line is long and parsing it dear; almost none is meant.
    if (!line.includes(JSON.stringify(email))) continue;
    const lead = parseLeadLine(line);
    if (lead.email === email) found.push({ place, at, lead });
  }
  return found;
}

/** An archived lead and the part that has it, line by line. */
export interface ArchivedLead {
  readonly outcome: "found";
  readonly part: PartRow;
  readonly lines: readonly string[];
  /** Which of the lines is the lead's. */
  readonly at: number;
  readonly lead: LeadLine;
}

/** A part that may hold what was asked for and cannot be read. */
export interface Unreadable {
  readonly outcome: "unreadable";
  readonly key: string;
}

/**
 * The archived lead of this id, its own or another that a caller was given for it. Reads the parts of the id's day that may hold it: by its
 * other id a lead is found only in the part in which that would stand. `unreadable` only where no part that can be read has it.
 */
export async function findArchivedLead(
  deps: ArchiveDeps,
  leadId: string,
): Promise<ArchivedLead | Unreadable | { readonly outcome: "not_found" }> {
  let unreadable: Unreadable | null = null;
  for (const part of await partsThatMayHold(deps, leadId)) {
    const read = await readFromPart(deps, part, (lines) => ({
      found: lineOf(lines, leadId),
      lines,
    }));
    if (read === null) unreadable ??= { outcome: "unreadable", key: part.key };
    else if (read.found !== null)
      return { outcome: "found", part, lines: read.lines, ...read.found };
  }
  return unreadable ?? { outcome: "not_found" };
}

function lineOf(
  lines: readonly string[],
  leadId: string,
): Pick<ArchivedLead, "at" | "lead"> | null {
  for (const [at, line] of lines.entries()) {
    if (!line.includes(leadId)) continue;
    const lead = parseLeadLine(line);
    if (lead.id === leadId || lead.aliases.includes(leadId)) return { at, lead };
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

/** The lines of some commits of the audit that were removed, exactly those of src/record/digest-lines.ts. */
export interface ArchivedAudit {
  /** The commits: all of them, both ends included. */
  readonly firstNo: number;
  readonly lastNo: number;
  /** Null where the bucket does not have them as they were written. */
  readonly lines: readonly string[] | null;
}

/**
 * The archived lines of a closed day of the audit, part by part in the order of commits; nothing where none of its commits were removed.
 * The rest of them, above the last part's `lastNo`, is in the database. Each part is checked against its sums; one that fails them, or is
 * gone, does not keep the next from being read.
 * @param after skips the parts that end at or below this commit
 */
export async function* readArchivedAuditLines(
  deps: Pick<Deps, "db" | "archive">,
  day: string,
  after = 0,
): AsyncGenerator<ArchivedAudit, void, undefined> {
  const { db, archive: bucket } = deps;
  if (!bucket) return;
  for (const part of await rows(db, keptParts("audit", day))) {
    const { firstNo, lastNo } = part;
    if (firstNo === null || lastNo === null || lastNo <= after) continue;
    yield { firstNo, lastNo, lines: await readOrNull(bucket, part) };
  }
}

async function readOrNull(bucket: ArchiveBucket, part: PartRow): Promise<readonly string[] | null> {
  try {
    return await readPart({ bucket }, part);
  } catch (error) {
    if (!(error instanceof RouterError)) throw error;
    return null;
  }
}
