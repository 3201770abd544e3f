import { appendCommit, insertEvents } from "../../../src/record/events.ts";
import { FIRST_PREVIOUS, insertPage, linkCommits } from "../../../src/record/digests.ts";
import { readCommitLines } from "../../../src/record/digest-lines.ts";
import { closeDays } from "../../../src/ops/audit/digest-close.ts";
import { type Verification, verifyDay } from "../../../src/ops/audit/verify.ts";
import type { Difference, Progress } from "../../../src/ops/audit/verify-archived.ts";
import { rows, transaction } from "../../../src/lib/query.ts";
import { Desk } from "../../routing/desk.ts";

export const DAY_MS = 24 * 60 * 60_000;
/** Midnight at which the world's first day begins. */
export const FIRST_DAY = Date.UTC(2026, 10, 20);

/** An audit of several days whose clock the test sets, and whose triggers an attacker with rights to the database has dropped. */
export class DigestWorld {
  now = FIRST_DAY;
  readonly desk = new Desk({ now: () => this.now });
  #count = 0;

  get db() {
    return this.desk.db;
  }

  /** Commits of one event about a rep each, a second apart from `at` on. */
  async commit(at: number, count = 1, rowsEach = 1): Promise<void> {
    for (let n = 0; n < count; n++) {
      const events = Array.from({ length: rowsEach }, () => ({
        id: `0000-${String(++this.#count).padStart(6, "0")}`,
        subjectType: "rep" as const,
        subjectId: "bo",
        generation: null,
        kind: "changed",
        actor: "ana",
        occurredAt: at,
        detail: { n: this.#count },
      }));
      const commit = [insertEvents(events), appendCommit(at + n * 1_000, [], events)];
      await transaction(this.db, commit);
    }
  }

  /** Runs the cron until nothing changes any more. */
  async close(at: number): Promise<void> {
    this.now = at;
    for (let before = -1; before !== this.db.totalChanges();) {
      before = this.db.totalChanges();
      await closeDays(this.desk.deps);
    }
  }

  /** Hashes what is committed, up to a number, in pages of so many commits, as if they were full. */
  async hashInPages(commits: number, upToNo = Number.MAX_SAFE_INTEGER): Promise<void> {
    let digest = FIRST_PREVIOUS;
    const all = await readCommitLines(this.db, 0, upToNo);
    for (let at = 0; at < all.length; at += commits) {
      const page = all.slice(at, at + commits);
      digest = await linkCommits(digest, page);
      const lastNo = at + page.length;
      const named = page.reduce((sum, { lines }) => sum + lines.length - 1, 0);
      await rows(this.db, insertPage({ firstNo: at + 1, lastNo, rows: named, digest }));
    }
  }

  dropTriggers(): void {
    for (const { name } of this.desk.select(
      "SELECT name FROM sqlite_schema WHERE type = 'trigger'",
    ))
      this.db.sqlite.exec(`DROP TRIGGER ${String(name)}`);
  }

  days(): string[] {
    return this.desk.select("SELECT day FROM digests ORDER BY day").map(({ day }) => String(day));
  }
}

/** Verifies a day to its end, some steps a call. */
export async function verifyWhole(
  db: D1Database,
  day: string,
  maxSteps = 20,
): Promise<{ found: Difference[]; last: Verification; calls: number }> {
  const found: Difference[] = [];
  let before: Progress | null = null;
  for (let calls = 1; calls < 1_000; calls++) {
    const part: Verification | null = await verifyDay({ db, archive: null }, day, before, maxSteps);
    if (part === null) throw new Error(`${day} is not closed`);
    found.push(...part.found);
    if (part.isComplete) return { found, last: part, calls };
    before = part.progress;
  }
  throw new Error("verifying never ends");
}
