import { auditLines } from "../record/digest-lines.ts";
import {
  countDecisionsOf,
  deleteCommitsBetween,
  firstCommitOfStandingLead,
  newestCommitNo,
} from "../record/old-rows.ts";
import { readMark } from "../record/rollups.ts";
import { rows, transaction } from "../lib/query.ts";
import {
  markCommitsRemoved,
  nextClosedDay,
  nextPartNo,
  type PartCounts,
} from "../record/archives.ts";
import type { PartLimits } from "./archive-leads.ts";
import { type ArchiveDeps, removeRows, writePart } from "./parts.ts";

/** Rows read at once. A page with the longest trails is some 5 MB. */
const PAGE_ROWS = 500;

/**
 * Archives the next commits of the oldest closed day before `firstKept`: whole commits, at most a part of them, each once all leads
 * that it is about are gone, once the metrics counted it, and never the newest of all. Yields whether commits went.
 */
export async function archiveAudit(
  deps: ArchiveDeps,
  firstKept: string,
  limits: PartLimits,
): Promise<boolean> {
  const { db } = deps;
  const [[day], [counted], [newest]] = await transaction(db, [
    nextClosedDay(),
    readMark(),
    newestCommitNo(),
  ]);
  if (day === undefined || day.day >= firstKept) return false;
  const after = day.removed;
  // The next commit takes the number after the newest: were that gone, numbers would begin again.
  const mayGo = Math.min(day.lastNo, counted?.no ?? 0, (newest?.no ?? 0) - 1);
  const taken = await takeCommits(db, after, mayGo, limits);
  if (taken === null) return false;

  const [first, last] = [after + 1, taken.lastNo];
  const range = { kind: "audit", day: day.day, first, last } as const;
  const [decisions, [next]] = await transaction(db, [
    countDecisionsOf(first, last),
    nextPartNo("audit", day.day),
  ]);
  const { lines } = taken;
  const part = next?.part ?? 1;
  const counts = sumUp(decisions);
  const key = await writePart(deps, { range, part, lines, erased: 0, counts });
  await removeRows(deps, key, [markCommitsRemoved(last), ...deleteCommitsBetween(first, last)]);
  deps.log("info", "audit_archived", { path: key, rows: lines.length, commit: last });
  return true;
}

/** The lines of the commits in (after, upTo] that may go, as many as fit into a part; null when there are none. */
async function takeCommits(
  db: D1Database,
  after: number,
  upTo: number,
  limits: PartLimits,
): Promise<{ readonly lines: string[]; readonly lastNo: number } | null> {
  const lines: string[] = [];
  let lastNo = after;
  for (let bytes = 0; lastNo < upTo && lines.length < limits.rows && bytes < limits.bytes;) {
    const limit = Math.min(PAGE_ROWS, limits.rows);
    const page = await auditLines(db, lastNo, upTo, limit);
    if (page.lastNo === lastNo) break;
    const [barrier] = await rows(db, firstCommitOfStandingLead(lastNo, page.lastNo));
    if (barrier !== undefined) {
      const free = await linesUpTo(db, lastNo, barrier.no - 1, limit);
      return lines.length + free.length === 0
        ? null
        : { lines: [...lines, ...free], lastNo: barrier.no - 1 };
    }
    for (const line of page.lines) {
      lines.push(line);
      bytes += line.length;
    }
    lastNo = page.lastNo;
  }
  return lines.length === 0 ? null : { lines, lastNo };
}

async function linesUpTo(
  db: D1Database,
  after: number,
  upTo: number,
  limit: number,
): Promise<readonly string[]> {
  return upTo === after ? [] : (await auditLines(db, after, upTo, limit)).lines;
}

function sumUp(
  decisions: readonly {
    readonly podId: string | null;
    readonly ownerId: string | null;
    readonly chainVersion: string;
    readonly outcome: "assigned" | "unassigned";
    readonly newest: 0 | 1;
    readonly count: number;
  }[],
): PartCounts {
  const pods: Record<string, Record<string, number>> = {};
  const newest = { assigned: 0, unassigned: 0 };
  for (const { podId, ownerId, outcome, newest: isNewest, count } of decisions) {
    if (podId !== null && ownerId !== null) {
      const reps = (pods[podId] ??= {});
      reps[ownerId] = (reps[ownerId] ?? 0) + count;
    }
    if (isNewest === 1) newest[outcome] += count;
  }
  const chainVersions = [...new Set(decisions.map(({ chainVersion }) => chainVersion))].toSorted();
  return { ...newest, pods, chainVersions };
}
