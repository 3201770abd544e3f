import { smallestLeadId } from "../lib/ids.ts";
import {
  deleteLeadsBetween,
  type LeadLine,
  leadsBetween,
  type OldLead,
  oldLeads,
  openClaimsBetween,
} from "../record/old-rows.ts";
import { rows, transaction } from "../lib/query.ts";
import { markLeadsRemoved, nextPartNo, type PartCounts } from "../record/archives.ts";
import { dayOfLead, lineOfLead } from "./lead-line.ts";
import { type ArchiveDeps, removeRows, writePart } from "./parts.ts";
import { chunk } from "../lib/chunks.ts";
import type { Deps } from "../ports/deps.ts";
import { failureMessage } from "../lib/failure.ts";
import { currentEpoch, epochFromRows, markNamed, setMarks } from "../record/marks.ts";

const NO_COUNTS: PartCounts = { assigned: 0, unassigned: 0, pods: {}, chainVersions: [] };

/** What became of a step. */
export interface LeadStep {
  /** Whether leads went, so that there may be more. */
  readonly moved: boolean;
  /** The oldest leads that may not go, as far as this step has looked at them. */
  readonly heldBack: readonly HeldBack[];
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
  const { run, heldBack } = await findOldRun(deps.db, before, limits);
  if (run === null) return { moved: false, heldBack };
  const { day, first, last } = run;
  // Before they go, for a lead that is gone can never be closed; and before anything of them is copied.
  if (!(await freeOpenSlots(deps, first, last))) {
    await lookOnBehind(deps.db, last);
    return { moved: false, heldBack };
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
  return { moved: true, heldBack };
}

/** How large a part may be. */
export interface PartLimits {
  readonly rows: number;
  /** Of its lines, about. */
  readonly bytes: number;
}

/** Leads of one day, both ends included, all of which may go. */
interface OldRun {
  readonly day: string;
  readonly first: string;
  readonly last: string;
}

/** A lead that is old enough to go and may not, and why: something of it has still to be done or counted, or its id names no day. */
export interface HeldBack {
  readonly id: string;
  readonly why: "unfinished" | "uncounted" | "undated";
}

interface OldLook {
  /** Null = none was found this time. */
  readonly run: OldRun | null;
  /** The oldest leads that may not go; none where the look did not begin with the oldest. */
  readonly heldBack: readonly HeldBack[];
}

/** Windows of leads per look, each as long as a part: only those in which none may go are followed by another. */
const MAX_WINDOWS = 3;
/** The mark with the lead behind which the next look begins: empty = with the oldest. */
const PLACE = "archive_place";

/**
 * The next leads below `before` that may go. Those that may not are passed by, and where they are many the next look begins behind
 * them; once it has come to the end it begins with the oldest again.
 */
async function findOldRun(db: D1Database, before: string, limits: PartLimits): Promise<OldLook> {
  const [mark] = await rows(db, markNamed(PLACE));
  const start = mark?.value ?? "";
  const heldBack: HeldBack[] = [];
  let after = start;
  for (let windows = 0; windows < MAX_WINDOWS; windows++) {
    const old = await rows(db, oldLeads(after, before, limits.rows));
    heldBack.push(...old.flatMap(passedByOf));
    const at = old.findIndex(mayGo);
    const run = at < 0 ? null : takeRun(old.slice(at), limits.bytes);
    if (run !== null) {
      // Windows would yield ever shorter runs.
      if (at > limits.rows / 2) after = old[at - 1]?.id ?? after;
      return await look(run);
    }
    const last = old.at(-1);
    after = last === undefined || old.length < limits.rows ? "" : last.id;
    if (after === "") break;
  }
  return await look(null);

  async function look(run: OldRun | null): Promise<OldLook> {
    if (after !== start) await rows(db, setMarks([[PLACE, after]]));
    return { run, heldBack: start === "" ? heldBack : [] };
  }
}

/** Has the next look begin behind this lead. */
async function lookOnBehind(db: D1Database, leadId: string): Promise<void> {
  await rows(db, setMarks([[PLACE, leadId]]));
}

/** The first of these leads, of one day and within these bytes, as far as they may go; one at least. */
function takeRun(old: readonly OldLead[], bytes: number): OldRun | null {
  const [first, ...others] = old;
  const day = first && dayOfLead(first.id);
  if (first === undefined || day === null || day === undefined) return null;
  let last = first;
  let size = first.size;
  for (const lead of others) {
    size += lead.size;
    if (!mayGo(lead) || dayOfLead(lead.id) !== day || size > bytes) break;
    last = lead;
  }
  return { day, first: first.id, last: last.id };
}

function mayGo(lead: OldLead): boolean {
  return passedByOf(lead).length === 0;
}

function passedByOf({ id, unfinished, uncounted }: OldLead): readonly HeldBack[] {
  if (unfinished === 1) return [{ id, why: "unfinished" }];
  if (dayOfLead(id) === null) return [{ id, why: "undated" }];
  return uncounted === 1 ? [{ id, why: "uncounted" }] : [];
}

/** Claims released per call of a pod: it looks each one up. */
const RELEASED_AT_ONCE = 500;

/**
 * Frees the open slots that the leads between two ids, both included, still take in their pods. Yields false when a pod did not answer,
 * which is logged; the others' slots are free. Safe to repeat.
 */
async function freeOpenSlots(deps: Deps, first: string, last: string): Promise<boolean> {
  const [open, epoch] = await transaction(deps.db, [
    openClaimsBetween(first, last),
    currentEpoch(),
  ]);
  let all = true;
  for (const [podId, claims] of Map.groupBy(open, (claim) => claim.podId)) {
    const seqs = claims.map(({ claimSeq }) => claimSeq);
    try {
      for (const some of chunk(seqs, RELEASED_AT_ONCE))
        await deps.pod(podId).release(some, epochFromRows(epoch));
    } catch (error) {
      all = false;
      deps.log("warn", "archive_waits_for_pod", { pod: podId, error: failureMessage(error) });
    }
  }
  return all;
}
