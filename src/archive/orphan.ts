import { failureMessage } from "../lib/failure.ts";
import { type LeadLine, standingCommits, standingLeads } from "../record/old-rows.ts";
import { rows, writeThenRead } from "../lib/query.ts";
import {
  keptParts,
  partAt,
  partByKey,
  type PartKind,
  type PartRow,
  planPart,
  replacePart,
  type Sums,
} from "../record/archives.ts";
import { type ArchiveBucket, readBytes } from "../ports/bucket.ts";
import { parseLeadLine } from "./lead-line.ts";
import { type ArchiveDeps, openObject, rangeOf, readPart } from "./parts.ts";
import { z } from "zod";

// An object that `archives` does not name: the database was set back to before it was written, or to before what it was written for.

const KEY = /^(leads|audit)\/(\d{4}-\d\d-\d\d)\/(\d{4,})-[^/]+\.ndjson\.gz$/;

/** Whether an object's name is one that the archive gives to parts. */
export function namesPart(key: string): boolean {
  return KEY.test(key);
}

/** Decides on an object that nothing names, and adopts it where it belongs. Deletes nothing. */
export async function judgeOrphan(deps: ArchiveDeps, key: string): Promise<Fate> {
  const [, kind, day = "", part] = KEY.exec(key) ?? [];
  const object = await deps.bucket.get(key);
  if (object === null) return { fate: "needless" };
  try {
    const { lines, sums } = await openObject(await readBytes(object));
    if (kind === "audit") return await judgeAudit(deps, day, lines);
    const leads = lines.map(parseLeadLine);
    const [kept] = await rows(deps.db, partAt("leads", day, Number(part)));
    if (kept !== undefined && (await belongsInPlaceOf(deps, kept, leads))) {
      if (await adopt(deps, key, sums, leads, kept))
        return { fate: "adopted", inPlaceOf: kept.key };
      return { fate: "left", why: "another took its place meanwhile" };
    }
    return await judgeLeads(deps, day, leads);
  } catch (error) {
    return { fate: "left", why: `it could not be judged: ${failureMessage(error)}` };
  }
}

/** Whether it holds the same leads, nobody's person that the part lacks, and what stands there is gone or has more people in it. */
async function belongsInPlaceOf(
  { bucket }: ArchiveDeps,
  kept: PartRow,
  leads: readonly LeadLine[],
): Promise<boolean> {
  const [first, last] = [leads[0]?.id, leads.at(-1)?.id];
  if (kept.rows !== leads.length || kept.firstLead !== first || kept.lastLead !== last)
    return false;
  const erased = new Set(erasedOf(leads));
  if (!(await isThere(bucket, kept.key))) return erased.size >= kept.erased;
  const before = erasedOf((await readPart({ bucket }, kept)).map(parseLeadLine));
  return erased.size > before.length && before.every((id) => erased.has(id));
}

function erasedOf(leads: readonly LeadLine[]): string[] {
  return leads.filter(({ erased_at }) => erased_at !== null).map(({ id }) => id);
}

/** Yields false when another has taken the place before: the object is then left to the tidying of parts that were given up. */
async function adopt(
  deps: ArchiveDeps,
  key: string,
  sums: Sums,
  leads: readonly LeadLine[],
  kept: PartRow,
): Promise<boolean> {
  const plan = planPart({
    ...sums,
    key,
    part: kept.part,
    range: rangeOf(kept),
    erased: erasedOf(leads).length,
    counts: JSON.parse(kept.counts),
    writtenAt: deps.now(),
    replaces: kept.key,
  });
  const [[standing]] = await writeThenRead(
    deps.db,
    [plan, ...replacePart(key, kept.key)],
    [partByKey(key)],
  );
  return standing?.state === "kept";
}

/** What becomes of an object that nothing names. */
export type Fate =
  /** It takes the place of a part that lacks its object, or from which fewer people are erased. */
  | { readonly fate: "adopted"; readonly inPlaceOf: string }
  /** All that it holds is in the database or in parts that are kept. */
  | { readonly fate: "needless" }
  /** It may hold what is nowhere else. */
  | { readonly fate: "left"; readonly why: string };

const commitLine = z.looseObject({ table: z.literal("commits"), no: z.int() });

/** What becomes of an orphan with these leads of a day. */
async function judgeLeads(
  deps: ArchiveDeps,
  day: string,
  leads: readonly LeadLine[],
): Promise<Fate> {
  const ids = leads.map(({ id }) => id);
  const standing = await rows(deps.db, standingLeads(ids));
  const inDatabase = new Set(standing.map(({ id }) => id));
  const others = ids.filter((id) => !inDatabase.has(id));
  const parts = await wholeParts(deps, "leads", day, (part) =>
    others.some((id) => holdsLead(part, id)),
  );
  const missing = others.filter((id) => !parts.some((part) => holdsLead(part, id))).length;
  if (missing === 0) return { fate: "needless" };
  return { fate: "left", why: `${missing} of its leads are nowhere else` };
}

/** What becomes of an orphan with these lines of the audit. */
async function judgeAudit(deps: ArchiveDeps, day: string, lines: readonly string[]): Promise<Fate> {
  const nos = lines.flatMap((line) => {
    const parsed = commitLine.safeParse(JSON.parse(line));
    return parsed.success ? [parsed.data.no] : [];
  });
  if (nos.length === 0) return { fate: "left", why: "it names no commits" };
  const parts = await wholeParts(deps, "audit", day, (part) =>
    nos.some((no) => holdsCommit(part, no)),
  );
  const others = nos.filter((no) => !parts.some((part) => holdsCommit(part, no)));
  const [first, last] = [others[0], others.at(-1)];
  if (first === undefined || last === undefined) return { fate: "needless" };
  const [standing] = await rows(deps.db, standingCommits(first, last));
  if ((standing?.count ?? 0) === last - first + 1) return { fate: "needless" };
  return { fate: "left", why: "some of its commits are nowhere else" };
}

/** The day's kept parts of this kind whose object is in the bucket. */
async function wholeParts(
  { db, bucket }: ArchiveDeps,
  kind: PartKind,
  day: string,
  matters: (part: PartRow) => boolean,
): Promise<PartRow[]> {
  const whole: PartRow[] = [];
  for (const part of await rows(db, keptParts(kind, day)))
    if (matters(part) && (await isThere(bucket, part.key))) whole.push(part);
  return whole;
}

/** A kept part holds all that stood in its range. */
function holdsLead({ firstLead, lastLead }: PartRow, id: string): boolean {
  return firstLead !== null && lastLead !== null && firstLead <= id && id <= lastLead;
}

function holdsCommit({ firstNo, lastNo }: PartRow, no: number): boolean {
  return firstNo !== null && lastNo !== null && firstNo <= no && no <= lastNo;
}

async function isThere(bucket: ArchiveBucket, key: string): Promise<boolean> {
  const object = await bucket.get(key);
  await object?.body.cancel();
  return object !== null;
}
