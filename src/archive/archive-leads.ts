import { openClaimsBetween } from "../audit/old-rows.ts";
import { chunk } from "../chunk.ts";
import {
  deleteLeadsBetween,
  leadsBetween,
  oldLeads,
  type LeadLine,
  type OldLead,
} from "../intake/old-leads.ts";
import { smallestLeadId } from "../intake/lead-id.ts";
import { currentEpoch, epochFromRows } from "../restore/epoch.ts";
import { rows, transaction } from "../storage/query.ts";
import { markLeadsRemoved, nextPartNo, type PartCounts } from "./archives.ts";
import { dayOfLead } from "./day.ts";
import { removeRows } from "./remove-rows.ts";
import { writePart, type ArchiveDeps } from "./write-part.ts";

/** How large a part may be. */
export interface PartLimits {
  readonly rows: number;
  /** Of its lines, about. */
  readonly bytes: number;
}

/** Claims released per call of a pod: it looks each one up. */
const RELEASED_AT_ONCE = 500;

const NO_COUNTS: PartCounts = { assigned: 0, unassigned: 0, pods: {}, chainVersions: [] };

/** What became of a step. */
export interface LeadStep {
  /** Whether leads went, so that there may be more. */
  readonly moved: boolean;
  /** The oldest leads that may not go because something of them has still to be done. */
  readonly unfinished: readonly string[];
}

/**
 * Archives the oldest leads of one day that are made before the day `firstKept`: at most a part of them, and only leads of which
 * nothing has still to be done. Those that stand in the way are passed by: their part comes when they are done.
 */
export async function archiveLeads(
  deps: ArchiveDeps,
  firstKept: string,
  limits: PartLimits,
): Promise<LeadStep> {
  const before = smallestLeadId(Date.parse(firstKept));
  const old = await rows(deps.db, oldLeads(before, limits.rows));
  const unfinished = old.filter((lead) => lead.unfinished === 1).map(({ id }) => id);
  const run = takeRun(old, limits.bytes);
  if (run === null) return { moved: false, unfinished };
  const { day, first, last } = run;
  const range = { kind: "leads", day, first, last } as const;

  const [found, [next]] = await transaction(deps.db, [
    leadsBetween(first, last),
    nextPartNo("leads", day),
  ]);
  const lines = found.map(({ aliases, ...lead }) =>
    lineOfLead({ ...lead, aliases: JSON.parse(aliases) }),
  );
  const erased = found.filter(({ erased_at }) => erased_at !== null).length;
  const part = next?.part ?? 1;
  const key = await writePart(deps, { range, part, lines, erased, counts: NO_COUNTS });
  // Before they go: a lead that is gone can never be closed.
  await freeOpenSlots(deps, first, last);
  await removeRows(deps, key, [markLeadsRemoved(last), ...deleteLeadsBetween(first, last)]);
  deps.log("info", "leads_archived", { path: key, leads: lines.length });
  return { moved: true, unfinished };
}

/** A lead as the archive writes it: one line of JSON under the names of its columns. */
export function lineOfLead(lead: LeadLine): string {
  return JSON.stringify(lead);
}

/** The first leads in a row that may go, of one day and within these bytes, one at least; null when none may. */
function takeRun(
  old: readonly OldLead[],
  bytes: number,
): { readonly day: string; readonly first: string; readonly last: string } | null {
  const start = old.findIndex(mayGo);
  const first = old[start];
  const day = first && dayOfLead(first.id);
  if (first === undefined || day === null || day === undefined) return null;
  let last = first;
  let size = first.size;
  for (const lead of old.slice(start + 1)) {
    size += lead.size;
    if (!mayGo(lead) || dayOfLead(lead.id) !== day || size > bytes) break;
    last = lead;
  }
  return { day, first: first.id, last: last.id };
}

function mayGo({ id, unfinished, uncounted }: OldLead): boolean {
  return unfinished === 0 && uncounted === 0 && dayOfLead(id) !== null;
}

async function freeOpenSlots(deps: ArchiveDeps, first: string, last: string): Promise<void> {
  const [open, epoch] = await transaction(deps.db, [
    openClaimsBetween(first, last),
    currentEpoch(),
  ]);
  for (const [podId, claims] of Map.groupBy(open, (claim) => claim.podId)) {
    const seqs = claims.map(({ claimSeq }) => claimSeq);
    for (const some of chunk(seqs, RELEASED_AT_ONCE))
      await deps.pod(podId).release(some, epochFromRows(epoch));
  }
}
