import { z } from "zod";
import { type LeadLine, standingCommits, standingLeads } from "../record/old-rows.ts";
import { rows } from "../lib/query.ts";
import { keptParts, type PartKind, type PartRow } from "../record/archives.ts";
import type { ArchiveBucket } from "../ports/bucket.ts";
import type { ArchiveDeps } from "./write-part.ts";

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
export async function judgeLeads(
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
export async function judgeAudit(
  deps: ArchiveDeps,
  day: string,
  lines: readonly string[],
): Promise<Fate> {
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

export async function isThere(bucket: ArchiveBucket, key: string): Promise<boolean> {
  const object = await bucket.get(key);
  await object?.body.cancel();
  return object !== null;
}
