import { failureMessage } from "../lib/failure.ts";
import type { LeadLine } from "../record/old-rows.ts";
import { rows, writeThenRead } from "../lib/query.ts";
import { partAt, partByKey, planPart, replacePart, type PartRow } from "../record/archives.ts";
import { readBytes } from "../ports/bucket.ts";
import { isThere, judgeAudit, judgeLeads, type Fate } from "./held-elsewhere.ts";
import { parseLeadLine } from "./lead-line.ts";
import { openObject } from "./pack.ts";
import { type Sums } from "../record/archives.ts";
import { rangeOf, readPart } from "./read-part.ts";
import type { ArchiveDeps } from "./write-part.ts";

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
