import { appendCommit, insertEventsFrom } from "../record/events.ts";
import type { Deps } from "../ports/deps.ts";
import { failureMessage } from "../lib/failure.ts";
import type { LeadLine } from "../record/old-rows.ts";
import { rows, sql, writeThenRead } from "../lib/query.ts";
import { isKept, partAt, partByKey, replacePart, type PartRow } from "../record/archives.ts";
import { findArchivedLead, type FoundLead, type PartPlace, type Unreadable } from "./find.ts";
import { lineOfLead, parseLeadLine } from "./lead-line.ts";
import { writeManifest } from "./manifest.ts";
import {
  type ArchiveDeps,
  dropPart,
  rangeOf,
  readFromPart,
  tidyArchive,
  writePart,
} from "./parts.ts";

export type ErasedFromArchive =
  | { readonly outcome: "erased"; readonly leadId: string }
  | { readonly outcome: "not_found" }
  /** The part was written anew by somebody else meanwhile: ask again. */
  | { readonly outcome: "busy" }
  | Unreadable;

/** Looks per call: another is needed only when somebody else had the part written anew between the look and the write. */
const MAX_LOOKS = 3;

/**
 * Erases the person from an archived lead, known by its id or by another that its caller was given: its part is written anew without the
 * person's fields, and the part that had them is deleted. Audited. Rejects when the outcome is unknown; safe to repeat.
 */
export async function eraseArchived(
  deps: Deps,
  leadId: string,
  actor: string,
): Promise<ErasedFromArchive> {
  const { archive: bucket } = deps;
  if (!bucket) return { outcome: "not_found" };
  for (let look = 0; look < MAX_LOOKS; look++) {
    const found = await findArchivedLead({ ...deps, bucket }, leadId);
    if (found.outcome !== "found") return found;
    const { part, lines, at, lead } = found;
    if (!(await empty({ ...deps, bucket }, part, lines, new Map([[at, lead]]), actor))) continue;
    await leaveNothing({ ...deps, bucket }, part);
    return { outcome: "erased", leadId: lead.id };
  }
  return { outcome: "busy" };
}

/**
 * As {@link eraseArchived}, of leads that were all found in the same part: it is written anew once.
 * @param found at least one
 */
export async function eraseFromPart(
  deps: ArchiveDeps,
  { day, part: no }: PartPlace,
  found: readonly Pick<FoundLead, "at">[],
  actor: string,
): Promise<{ readonly outcome: "erased" | "busy" } | Unreadable> {
  for (let look = 0; look < MAX_LOOKS; look++) {
    const [part] = await rows(deps.db, partAt("leads", day, no));
    if (part === undefined) return { outcome: "busy" };
    const read = await readFromPart(deps, part, (lines) => {
      const leads = found.map(({ at }) => [at, parseLeadLine(lines[at] ?? "")] as const);
      return { lines, leads: new Map(leads) };
    });
    if (read === null) return { outcome: "unreadable", key: part.key };
    if (!(await empty(deps, part, read.lines, read.leads, actor))) continue;
    await leaveNothing(deps, part);
    return { outcome: "erased" };
  }
  return { outcome: "busy" };
}

/**
 * Has the part written anew, unless all of these are erased. Yields false when another has taken its place before.
 * @param leads by their lines
 */
async function empty(
  deps: ArchiveDeps,
  part: PartRow,
  lines: readonly string[],
  leads: ReadonlyMap<number, LeadLine>,
  actor: string,
): Promise<boolean> {
  const known = [...leads].filter(([, { erased_at }]) => erased_at === null);
  if (known.length === 0) return true;
  const now = deps.now();
  const emptied = [...lines];
  for (const [at, lead] of known) emptied[at] = lineOfLead(emptyLine(lead, now));
  const key = await writePart(deps, {
    range: rangeOf(part),
    part: part.part,
    lines: emptied,
    erased: part.erased + known.length,
    counts: JSON.parse(part.counts),
    replaces: part.key,
  });
  const events = known.map(
    ([, { id }]) => ({ subjectType: "lead", subjectId: id, id: deps.newId() }) as const,
  );
  const source = sql`
    SELECT 'lead' AS subject_type, e.value ->> 'subjectId' AS subject_id, e.value ->> 'id' AS id, 'erased' AS kind,
      json_object('archivedIn', ${key}) AS detail
    FROM json_each(${JSON.stringify(events)}) e WHERE ${isKept(key)}`;
  const [[standing]] = await writeThenRead(
    deps.db,
    [
      ...replacePart(key, part.key),
      insertEventsFrom(actor, now, source),
      appendCommit(now, [], events),
    ],
    [partByKey(key)],
  );
  if (standing?.state === "kept") return true;
  // It holds whoever was erased from the part that stands.
  await dropPart(deps, key);
  return false;
}

/** The object with the person goes at once; should that fail, the cron sees to it. */
async function leaveNothing(deps: ArchiveDeps, { kind, day }: PartRow): Promise<void> {
  try {
    await tidyArchive(deps);
    await writeManifest(deps, kind, day);
  } catch (error) {
    deps.log("warn", "archive_put_off", { error: failureMessage(error) });
  }
}

function emptyLine(lead: LeadLine, at: number): LeadLine {
  const nobody = { email: null, phone: null, name: null, company: null, fields: "{}" };
  return { ...lead, ...nobody, erased_at: at };
}
