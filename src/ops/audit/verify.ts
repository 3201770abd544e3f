import type { Deps } from "../../ports/deps.ts";
import { transaction } from "../../lib/query.ts";
import {
  closedDay,
  closeDigest,
  type DigestRow,
  FIRST_PREVIOUS,
  linkCommits,
  listPages,
  pageEndingAt,
  type PageRow,
} from "../../record/digests.ts";
import {
  type CommitLines,
  dayAfter,
  dayBefore,
  dayStart,
  PAGE_ROWS,
} from "../../record/digest-lines.ts";
import {
  type CommitRange,
  type Difference,
  findStrays,
  type LeadSpan,
  type Progress,
  readAnywhere,
  type ReadCommits,
  WALKS,
} from "./verify-archived.ts";

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

interface VerifiedPages {
  readonly reached: Pick<Progress, "afterNo" | "state" | "rows">;
  readonly found: readonly Difference[];
  /** Reads it took. */
  readonly steps: number;
}

/**
 * Hashes the commits of a day again, page by page, some pages a call. Each page is hashed twice over, from the stored link before
 * it and from what was made anew, which is the same as long as nothing differs: so that after a page that was changed
 * the next ones are still known to be as they were.
 */
async function verifyPages(
  db: D1Database,
  day: DigestRow,
  { afterNo: start, state: startState, rows: startRows }: Progress,
  read: ReadCommits,
  maxSteps: number,
): Promise<VerifiedPages> {
  const [[before], pages] = await transaction(db, [
    pageEndingAt(start),
    listPages(start, day.lastNo, maxSteps),
  ]);
  const found: Difference[] = [];
  let stored = start < day.firstNo ? day.previous : (before?.digest ?? startState);
  let afterNo = start;
  let state = startState;
  let rows = startRows;
  let steps = 0;
  for (; afterNo < day.lastNo && steps < maxSteps; steps++) {
    const page = nextPage(pages, afterNo);
    const end = page?.lastNo ?? gapEnd(pages, afterNo, day.lastNo);
    const { commits, unreadable } = await read(afterNo, end);
    // Without its page a commit is looked at nevertheless, a read's worth at a time.
    const lastNo = page === null ? (commits.at(-1)?.no ?? end) : end;
    const between = { firstCommit: afterNo + 1, lastCommit: lastNo, row: null };
    const unread = unreadable.filter(({ firstNo }) => firstNo <= lastNo);
    found.push(...unread.map(({ firstNo, lastNo: last }) => aboutArchive(firstNo, last)));
    found.push(...lookAtCommits(commits, unread, afterNo, lastNo));
    const link = await linkCommits(stored, commits);
    const count = commits.reduce((sum, { lines }) => sum + lines.length - 1, 0);
    // Of a page that cannot be read whole nobody knows whether the rest of it changed.
    if (page === null) found.push({ ...between, kind: "page_missing" });
    else if (unread.length === 0 && (link !== page.digest || count !== page.rows))
      found.push({ ...between, kind: "changed" });
    state = state === stored ? link : await linkCommits(state, commits);
    stored = page?.digest ?? link;
    rows += count;
    afterNo = lastNo;
  }
  return { reached: { afterNo, state, rows }, found, steps };
}

/** The page that takes up right after a commit; null where it is gone, or cannot be one of ours. */
function nextPage(pages: readonly PageRow[], afterNo: number): PageRow | null {
  const page = pages.find(({ firstNo }) => firstNo === afterNo + 1);
  // Each commit names a row at least, so a page never has more of them than rows.
  return page === undefined || page.lastNo - afterNo > PAGE_ROWS ? null : page;
}

function gapEnd(pages: readonly PageRow[], afterNo: number, dayEnd: number): number {
  const next = pages.find(({ firstNo }) => firstNo > afterNo + 1);
  return Math.min(next === undefined ? dayEnd : next.firstNo - 1, dayEnd);
}

/** What can be said of single commits and rows: which are gone, and which are not where they say. */
function lookAtCommits(
  commits: readonly CommitLines[],
  unread: readonly CommitRange[],
  afterNo: number,
  lastNo: number,
): readonly Difference[] {
  const found: Difference[] = [];
  const lookFor = (firstCommit: number, lastCommit: number) => {
    if (firstCommit <= lastCommit)
      found.push({ kind: "commits_missing", firstCommit, lastCommit, row: null });
  };
  for (const { no, missing, misnumbered } of commits) {
    const here = { firstCommit: no, lastCommit: no };
    found.push(...missing.map((row) => ({ kind: "row_missing", ...here, row }) as const));
    found.push(...misnumbered.map((row) => ({ kind: "row_misnumbered", ...here, row }) as const));
  }
  const read = commits.map(({ no }) => ({ firstNo: no, lastNo: no }));
  let expected = afterNo + 1;
  for (const known of [...read, ...unread].toSorted((a, b) => a.firstNo - b.firstNo)) {
    lookFor(expected, known.firstNo - 1);
    expected = known.lastNo + 1;
  }
  lookFor(expected, lastNo);
  return found;
}

function aboutArchive(firstCommit: number, lastCommit: number): Difference {
  return { kind: "archive_unreadable", firstCommit, lastCommit, row: null };
}
