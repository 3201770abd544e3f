import type { CommitLines } from "../../record/digest-lines.ts";
import { WALKS } from "./verify-strays.ts";

/** Something that is not as it was when the day was closed, as near as can be said. */
export interface Difference {
  readonly kind:
    /** The digest of the day before, or the day itself, is another. */
    | "previous"
    /** What the commits and their rows say is not what was hashed. */
    | "changed"
    /** The link of a page is gone. */
    | "page_missing"
    | "commits_missing"
    /** The archive has them no more as they were written. */
    | "archive_unreadable"
    | "row_missing"
    /** A row says that it is of another commit than the one that names it. */
    | "row_misnumbered"
    /** A row that no commit names. */
    | "row_unnamed"
    /** The day's digest or what the day says of itself. */
    | "digest";
  /** The commits among which it is. */
  readonly firstCommit: number;
  readonly lastCommit: number;
  /** The row, as a commit names it: `["decision","…",1]`; null where it is not about one. */
  readonly row: string | null;
}

/** What is looked at, in this order. */
export const PHASES = ["commits", ...WALKS, "done"] as const;

/** How far a day has been verified, for a day that takes several calls. */
export interface Progress {
  readonly phase: (typeof PHASES)[number];
  /** commits: the number of the last commit hashed. */
  readonly afterNo: number;
  /** The link after it. */
  readonly state: string;
  /** Rows that the commits so far name. */
  readonly rows: number;
  /** Differences found so far. */
  readonly differences: number;
  /** A walk's place in its table; null = at its start. */
  readonly place: readonly string[] | null;
  /** The day's digest made anew; null before the last commit was hashed. */
  readonly recomputed: string | null;
}

/** Commits from one to another, both ends included. */
export interface CommitRange {
  readonly firstNo: number;
  readonly lastNo: number;
}

export interface CommitsRead {
  /** Whole commits in order, at least one if there is one that can be read. */
  readonly commits: readonly CommitLines[];
  /** Those that the archive does not have as they were written, in order. */
  readonly unreadable: readonly CommitRange[];
}

/** The commits of (afterNo, upToNo]: from D1 or from the archive. */
export type ReadCommits = (afterNo: number, upToNo: number) => Promise<CommitsRead>;
