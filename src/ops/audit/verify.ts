import type { Deps } from "../../ports/deps.ts";
import { transaction } from "../../lib/query.ts";
import { closeDigest, FIRST_PREVIOUS } from "./digest.ts";
import { closedDay, type DigestRow } from "./digest-days.ts";
import { dayAfter, dayBefore, dayStart } from "../../record/digest-lines.ts";
import { readAnywhere } from "./verify-archived.ts";
import type { Difference, Progress, ReadCommits } from "./verify-progress.ts";
import { verifyPages } from "./verify-pages.ts";
import { findStrays, WALKS, type LeadSpan } from "./verify-strays.ts";

/** Pages, and walks over rows, of one call: 20,000 rows at most, each read with its commit. */
const MAX_STEPS = 20;

export interface Verification {
  readonly stored: DigestRow;
  readonly progress: Progress;
  /** What this call found. */
  readonly found: readonly Difference[];
  /** Whether everything was looked at. */
  readonly isComplete: boolean;
  readonly previousMatches: boolean;
}

/**
 * Makes the digest of a closed day anew and compares it with what stands; then looks for rows that no commit names, among all
 * that are no lead's and those of the leads that came in that day. Reads a bounded number of rows a call. What is in the
 * archive is read from there. Null = not closed.
 * @param before how far the call before came; null = from the start
 */
export async function verifyDay(
  deps: Pick<Deps, "db" | "archive">,
  day: string,
  before: Progress | null,
  maxSteps: number = MAX_STEPS,
): Promise<Verification | null> {
  const { db } = deps;
  const [[stored], [previous], [next]] = await transaction(db, [
    closedDay(day),
    closedDay(dayBefore(day)),
    closedDay(dayAfter(day)),
  ]);
  if (stored === undefined) return null;
  const start = before ?? startingAt(stored);
  const previousMatches = follows(stored, previous);
  const read = readAnywhere(deps, day, start.afterNo);
  const hashed = await hashAnew(db, stored, start, read, maxSteps);
  // The oldest day and the newest answer for leads whose ids are out of all days, too.
  const span: LeadSpan = {
    from: previous === undefined ? null : dayStart(day),
    to: next === undefined ? null : dayStart(dayAfter(day)),
  };
  const walked = await walkRows(db, span, hashed.progress, maxSteps - hashed.steps);
  const found = [
    ...(before === null && !previousMatches ? [aboutDay("previous", stored)] : []),
    ...hashed.found,
    ...walked.strays.map((row) => ({ ...aboutDay("row_unnamed", stored), row })),
  ];
  const { progress } = walked;
  const differences = progress.differences + found.length;
  return {
    stored,
    progress: { ...progress, differences },
    found,
    isComplete: progress.phase === "done",
    previousMatches,
  };
}

/** Hashes the day's commits as far as the steps reach, and the day itself once all are hashed. */
async function hashAnew(
  db: D1Database,
  stored: DigestRow,
  before: Progress,
  read: ReadCommits,
  maxSteps: number,
) {
  if (before.phase !== "commits") return { progress: before, found: [], steps: 0 };
  const { reached, found, steps } = await verifyPages(db, stored, before, read, maxSteps);
  const progress: Progress = { ...before, ...reached };
  if (reached.afterNo < stored.lastNo) return { progress, found, steps };
  const recomputed = await closeDigest(reached.state, { ...stored, rows: reached.rows });
  const isSame = recomputed === stored.digest && reached.rows === stored.rows;
  const differs = isSame ? [] : [aboutDay("digest", stored)];
  return {
    progress: { ...progress, phase: WALKS[0], recomputed },
    found: [...found, ...differs],
    steps,
  };
}

/** Looks for rows that no commit names, as far as the steps reach. */
async function walkRows(db: D1Database, span: LeadSpan, before: Progress, maxSteps: number) {
  let { phase, place } = before;
  const strays: string[] = [];
  for (let steps = 0; steps < maxSteps; steps++) {
    if (phase === "commits" || phase === "done") break;
    const { found, next } = await findStrays(db, phase, span, place);
    strays.push(...found);
    if (next === null) phase = WALKS[WALKS.indexOf(phase) + 1] ?? "done";
    place = next;
  }
  return { progress: { ...before, phase, place }, strays };
}

function startingAt({ firstNo, previous }: DigestRow): Progress {
  return {
    phase: "commits",
    afterNo: firstNo - 1,
    state: previous,
    rows: 0,
    differences: 0,
    place: null,
    recomputed: null,
  };
}

/** Whether the day takes up the chain where the day before ends; the first of all has none before it. */
function follows(stored: DigestRow, previous: DigestRow | undefined): boolean {
  if (previous === undefined) return stored.firstNo === 1 && stored.previous === FIRST_PREVIOUS;
  return stored.previous === previous.digest && stored.firstNo === previous.lastNo + 1;
}

function aboutDay(kind: Difference["kind"], { firstNo, lastNo }: DigestRow): Difference {
  return { kind, firstCommit: firstNo, lastCommit: lastNo, row: null };
}
