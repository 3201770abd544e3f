import { smallestLeadId } from "../lib/ids.ts";
import { deleteLeadsBetween, type LeadLine, leadsBetween } from "../record/old-rows.ts";
import { transaction } from "../lib/query.ts";
import { markLeadsRemoved, nextPartNo, type PartCounts } from "../record/archives.ts";
import { freeOpenSlots } from "./free-slots.ts";
import { lineOfLead } from "./lead-line.ts";
import { findOldRun, lookOnBehind, type PartLimits, type PassedBy } from "./old-run.ts";
import { removeRows } from "./remove-rows.ts";
import { writePart, type ArchiveDeps } from "./write-part.ts";

const NO_COUNTS: PartCounts = { assigned: 0, unassigned: 0, pods: {}, chainVersions: [] };

/** What became of a step. */
export interface LeadStep {
  /** Whether leads went, so that there may be more. */
  readonly moved: boolean;
  /** The oldest leads that may not go, as far as this step has looked at them. */
  readonly passedBy: readonly PassedBy[];
}

/**
 * Archives old leads of one day that are made before the day `firstKept`: at most a part of them, and only leads of which nothing has
 * still to be done. Those that stand in the way are passed by: their part comes when they are done.
 */
export async function archiveLeads(
  deps: ArchiveDeps,
  firstKept: string,
  limits: PartLimits,
): Promise<LeadStep> {
  const before = smallestLeadId(Date.parse(firstKept));
  const { run, passedBy } = await findOldRun(deps.db, before, limits);
  if (run === null) return { moved: false, passedBy };
  const { day, first, last } = run;
  // Before they go, for a lead that is gone can never be closed; and before anything of them is copied.
  if (!(await freeOpenSlots(deps, first, last))) {
    await lookOnBehind(deps.db, last);
    return { moved: false, passedBy };
  }
  const range = { kind: "leads", day, first, last } as const;

  const [found, [next]] = await transaction(deps.db, [
    leadsBetween(first, last),
    nextPartNo("leads", day),
  ]);
  const leads: LeadLine[] = found.map(({ aliases, ...lead }) => ({
    ...lead,
    aliases: JSON.parse(aliases),
  }));
  const lines = leads.map(lineOfLead);
  const names = leads.flatMap(({ aliases }) => aliases);
  const erased = found.filter(({ erased_at }) => erased_at !== null).length;
  const part = next?.part ?? 1;
  const key = await writePart(deps, { range, part, lines, erased, counts: NO_COUNTS });
  await removeRows(deps, key, [markLeadsRemoved(last), ...deleteLeadsBetween(first, last, names)]);
  deps.log("info", "leads_archived", { path: key, leads: lines.length });
  return { moved: true, passedBy };
}
