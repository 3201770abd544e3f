import { appendCommit } from "../audit/commits.ts";
import { insertEventsFrom } from "../audit/events.ts";
import type { Deps } from "../deps.ts";
import { failureMessage } from "../failure.ts";
import type { LeadLine } from "../intake/old-leads.ts";
import { sql, writeThenRead } from "../storage/query.ts";
import { partByKey, replacePart, whileKept, type PartRow } from "./archives.ts";
import { lineOfLead } from "./archive-leads.ts";
import { findArchivedLead, type ArchivedLead } from "./find.ts";
import { writeManifest } from "./manifest.ts";
import { rangeOf } from "./read-part.ts";
import { dropPart, tidyArchive } from "./tidy.ts";
import { writePart, type ArchiveDeps } from "./write-part.ts";

export type ErasedFromArchive =
  | { readonly outcome: "erased"; readonly leadId: string }
  | { readonly outcome: "not_found" }
  /** The part was written anew by somebody else meanwhile: ask again. */
  | { readonly outcome: "busy" };

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
    if (found === null) return { outcome: "not_found" };
    if (found.lead.erased_at === null && !(await empty({ ...deps, bucket }, found, actor)))
      continue;
    await leaveNothing({ ...deps, bucket }, found.part);
    return { outcome: "erased", leadId: found.lead.id };
  }
  return { outcome: "busy" };
}

/** Has the part written anew. Yields false when another has taken its place before. */
async function empty(
  deps: ArchiveDeps,
  { part, lines, at, lead }: ArchivedLead,
  actor: string,
): Promise<boolean> {
  const now = deps.now();
  const key = await writePart(deps, {
    range: rangeOf(part),
    part: part.part,
    lines: lines.with(at, lineOfLead(emptyLine(lead, now))),
    erased: part.erased + 1,
    counts: JSON.parse(part.counts),
    replaces: part.key,
  });
  const event = { subjectType: "lead", subjectId: lead.id, id: deps.newId() } as const;
  const columns = sql`'lead' AS subject_type, ${lead.id} AS subject_id, ${event.id} AS id,
    'erased' AS kind, json_object('archivedIn', key) AS detail`;
  const [[standing]] = await writeThenRead(
    deps.db,
    [
      ...replacePart(key, part.key),
      insertEventsFrom(actor, now, whileKept(key, columns)),
      appendCommit(now, [], [event]),
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
