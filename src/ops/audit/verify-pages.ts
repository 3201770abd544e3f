import { transaction } from "../../lib/query.ts";
import { linkCommits } from "./digest.ts";
import { listPages, pageEndingAt, type DigestRow, type PageRow } from "./digest-days.ts";
import { type CommitLines, PAGE_ROWS } from "../../record/digest-lines.ts";
import type { CommitRange, Difference, Progress, ReadCommits } from "./verify-progress.ts";

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
export async function verifyPages(
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
