import type { Deps } from "../../ports/deps.ts";
import { failureMessage } from "../../lib/failure.ts";
import { rows, transaction, writeThenRead } from "../../lib/query.ts";
import {
  type ClosedDay,
  closeDigest,
  type DigestRow,
  FIRST_PREVIOUS,
  firstCommit,
  insertDay,
  insertPage,
  lastNoBefore,
  linkCommits,
  newestDay,
  newestPage,
  type PageRow,
  rowsBetween,
} from "../../record/digests.ts";
import {
  type CommitLines,
  DAY_MS,
  dayAfter,
  dayOf,
  dayStart,
  PAGE_ROWS,
  readCommitLines,
} from "../../record/digest-lines.ts";

/**
 * How long after midnight a day is closed, in milliseconds: longer than a commit usually takes from reading its clock to landing.
 * One that takes longer belongs to the next digest, whatever its instant: digests follow the order of commits.
 */
const CLOSE_AFTER_MS = 10 * 60_000;
/**
 * Pages of one run: 2,500 rows a minute, or 3.6 million a day, with as few statements as a run's share of the free plan's 50. Full
 * pages are hashed as the day goes, so that at night only the rest is left.
 */
const MAX_STEPS = 5;

/** Hashes what was committed, and closes days that are over. Runs beside the sweep and never rejects: what is left is done next time. */
export async function closeDays(
  deps: Pick<Deps, "db" | "now" | "log">,
  maxSteps: number = MAX_STEPS,
): Promise<void> {
  try {
    for (let step = 0; step < maxSteps; step++) if (!(await hashNext(deps))) return;
  } catch (error) {
    deps.log("warn", "digest_put_off", { error: failureMessage(error) });
  }
}

/** One step: a page, or a day closed. Yields whether there may be more. Safe to run any number of times and by several at once. */
async function hashNext(deps: Pick<Deps, "db" | "now" | "log">): Promise<boolean> {
  const { db } = deps;
  const [[before], [page], [first]] = await transaction(db, [
    newestDay(),
    newestPage(),
    firstCommit(),
  ]);
  const day = before === undefined ? first && dayOf(first.at) : dayAfter(before.day);
  if (day === undefined) return false;
  const dayEnd = dayStart(day) + DAY_MS;
  const isOver = deps.now() >= dayEnd + CLOSE_AFTER_MS;
  const afterNo = page?.lastNo ?? 0;
  const [last] = await rows(db, lastNoBefore(dayEnd, afterNo));
  const upToNo = last?.no ?? afterNo;
  // So many commits fill a page for certain; fewer wait for others, or for the day's end.
  if (!isOver && upToNo - afterNo < PAGE_ROWS) return false;

  const commits = await readCommitLines(db, afterNo, upToNo);
  tellMissing(deps, commits);
  const next = await hashPage(stateOf(before, page), afterNo, commits);
  if (next.lastNo < upToNo) {
    await rows(db, insertPage(next));
    return true;
  }
  if (!isOver) return false;
  await closeDay(deps, day, before, next);
  return true;
}

/** The link that the next page follows: of whichever is newer, the closed day or the page. */
function stateOf(before: DigestRow | undefined, page: PageRow | undefined): string {
  if (page !== undefined && page.lastNo > (before?.lastNo ?? 0)) return page.digest;
  return before?.digest ?? FIRST_PREVIOUS;
}

/** The page after `afterNo`; without commits it is empty, and ends where it begins. */
async function hashPage(
  state: string,
  afterNo: number,
  commits: readonly CommitLines[],
): Promise<PageRow> {
  return {
    firstNo: afterNo + 1,
    lastNo: commits.at(-1)?.no ?? afterNo,
    rows: commits.reduce((sum, { lines }) => sum + lines.length - 1, 0),
    digest: await linkCommits(state, commits),
  };
}

async function closeDay(
  { db, now, log }: Pick<Deps, "db" | "now" | "log">,
  day: string,
  before: DigestRow | undefined,
  lastPage: PageRow,
): Promise<void> {
  const firstNo = (before?.lastNo ?? 0) + 1;
  // Only pages before the last one: somebody else may have put that in meanwhile, and its rows must not count twice.
  const [hashed] = await rows(db, rowsBetween(firstNo, lastPage.firstNo));
  const closed: ClosedDay = {
    day,
    firstNo,
    lastNo: lastPage.lastNo,
    rows: (hashed?.rows ?? 0) + lastPage.rows,
    previous: before?.digest ?? FIRST_PREVIOUS,
    at: now(),
  };
  const digest = await closeDigest(lastPage.digest, closed);
  const isEmpty = lastPage.lastNo < lastPage.firstNo;
  const [[standing]] = await writeThenRead(
    db,
    [
      ...(isEmpty ? [] : [insertPage(lastPage)]),
      insertDay({ ...closed, digest }, before?.day ?? null),
    ],
    [newestDay()],
  );
  // The log is where a digest is out of reach of whoever can write to the database.
  if (standing?.digest === digest)
    log("info", "audit_day_closed", {
      day,
      digest,
      rows: closed.rows,
      commit: closed.lastNo,
    });
}

/** Rows that were gone before they could be hashed: that is as much tampering as a changed one. */
function tellMissing({ log }: Pick<Deps, "log">, commits: readonly CommitLines[]): void {
  for (const { no, missing, misnumbered } of commits)
    if (missing.length > 0 || misnumbered.length > 0)
      log("error", "audit_rows_missing", {
        commit: no,
        missing: missing.length,
        misnumbered: misnumbered.length,
      });
}
