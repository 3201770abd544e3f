import type { SQL } from "drizzle-orm";
import { sql } from "../lib/query.ts";

/** Which instants of commit are wanted, milliseconds since the epoch; null = unbounded. */
export interface Span {
  /** Inclusive. */
  readonly from: number | null;
  /** Exclusive. */
  readonly to: number | null;
}

/**
 * How far, in milliseconds, the instants of commits may be out of the order of their numbers. `at` is the clock of
 * whoever committed, read before the commit: a consumer has 15 minutes of wall clock to land it, a D1 batch 30 seconds
 * more, and clocks of the platform agree to a second or so.
 */
export const CLOCK_SLACK_MS = 20 * 60 * 1000;

/** Whether a commit's `at` lies in the span, exactly. */
export function committedIn({ from, to }: Span, at: SQL): SQL {
  const since = from === null ? sql`1` : sql`${at} >= ${from}`;
  return to === null ? since : sql`${since} AND ${at} < ${to}`;
}

/**
 * An expression: a number such that every commit below it is older than `from`. Of those at and above it the first few
 * may be older as well: their own `at` tells.
 */
export function firstCommitFrom({ from }: Span): SQL {
  if (from === null) return sql`1`;
  // A commit is discarded with all below it only when it is older than `from` by more than the slack: even if its
  // clock was behind and theirs ahead, none of them can be as young as `from`.
  return sql`(SELECT max(low) FROM (${searchCommits(from - CLOCK_SLACK_MS)}))`;
}

/** An expression: a number such that every commit above it is as young as `to` or younger, and at most `upTo`. */
export function lastCommitBefore({ to }: Span, upTo: number | null): SQL {
  const newest =
    upTo === null
      ? sql`(SELECT coalesce(max(no), 0) FROM commits)`
      : sql`(SELECT coalesce(min(max(no), ${upTo}), 0) FROM commits)`;
  if (to === null) return newest;
  return sql`min(${newest}, (SELECT min(high) - 1 FROM (${searchCommits(to + CLOCK_SLACK_MS)})))`;
}

/**
 * Narrows down where commits as young as an instant begin, by halves over the primary key, from the first that the archive left:
 * some 20 rows read among a million. Yields each step as `low` and `high`. Should a number be missing, the search ends early and wide, which
 * costs its caller time, not rows.
 */
function searchCommits(at: number): SQL {
  return sql`
    WITH RECURSIVE search(low, high) AS (
      SELECT (SELECT coalesce(min(no), 1) FROM commits), (SELECT coalesce(max(no), 0) + 1 FROM commits)
      UNION ALL
      SELECT iif(c.at < ${at}, c.no + 1, s.low), iif(c.at < ${at}, s.high, c.no)
      FROM search s CROSS JOIN commits c ON c.no = (s.low + s.high) / 2
      WHERE s.low < s.high
    )
    SELECT low, high FROM search`;
}
