import { RouterError } from "../failure.ts";
import { transaction } from "../storage/query.ts";
import { linkCommits } from "./digest.ts";
import { listPages, pageEndingAt, type DigestRow, type PageRow } from "./digest-days.ts";
import { PAGE_ROWS, type CommitLines } from "./digest-lines.ts";
import type { Difference, Progress, ReadCommits } from "./verify-progress.ts";

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
    const commits = await readOr(read, afterNo, end, () =>
      found.push({
        kind: "archive_unreadable",
        firstCommit: afterNo + 1,
        lastCommit: end,
        row: null,
      }),
    );
    // Without its page a commit is looked at nevertheless, a read's worth at a time.
    const lastNo = page === null ? (commits.at(-1)?.no ?? end) : end;
    const between = { firstCommit: afterNo + 1, lastCommit: lastNo, row: null };
    found.push(...lookAtCommits(commits, afterNo, lastNo));
    const link = await linkCommits(stored, commits);
    const count = commits.reduce((sum, { lines }) => sum + lines.length - 1, 0);
    if (page === null) found.push({ ...between, kind: "page_missing" });
    else if (link !== page.digest || count !== page.rows)
      found.push({ ...between, kind: "changed" });
    state = state === stored ? link : await linkCommits(state, commits);
    stored = page?.digest ?? link;
    rows += count;
    afterNo = lastNo;
  }
  return { reached: { afterNo, state, rows }, found, steps };
}

/** Nothing where the archive does not have what it should: that is something to tell of, not a failure. */
async function readOr(
  read: ReadCommits,
  afterNo: number,
  upToNo: number,
  onUnreadable: () => void,
): Promise<readonly CommitLines[]> {
  try {
    return await read(afterNo, upToNo);
  } catch (error) {
    if (!(error instanceof RouterError)) throw error;
    onUnreadable();
    return [];
  }
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
  afterNo: number,
  lastNo: number,
): readonly Difference[] {
  const found: Difference[] = [];
  const lookFor = (firstCommit: number, lastCommit: number) => {
    if (firstCommit <= lastCommit)
      found.push({ kind: "commits_missing", firstCommit, lastCommit, row: null });
  };
  let expected = afterNo + 1;
  for (const { no, missing, misnumbered } of commits) {
    lookFor(expected, no - 1);
    const here = { firstCommit: no, lastCommit: no };
    found.push(...missing.map((row) => ({ kind: "row_missing", ...here, row }) as const));
    found.push(...misnumbered.map((row) => ({ kind: "row_misnumbered", ...here, row }) as const));
    expected = no + 1;
  }
  lookFor(expected, lastNo);
  return found;
}
