import type { SQL } from "drizzle-orm";
import { sql } from "../lib/query.ts";
import { leadIdBehind } from "./leads.ts";

/** Which instants of commit are wanted, milliseconds since the epoch; null = unbounded. */
export interface Span {
  /** Inclusive. */
  readonly from: number | null;
  /** Exclusive. */
  readonly to: number | null;
}

/**
 * How far, in milliseconds, the instants of commits may be out of the order of their numbers. `at` is the clock of
 * the process that committed, read before the commit: a consumer has 15 minutes of wall clock to land it, a D1 batch 30 seconds
 * more, and clocks of the platform agree to a second or so.
 */
export const CLOCK_SLACK_MS = 20 * 60 * 1000;

/** Whether a commit's `at` lies in the span, exactly. */
function committedIn({ from, to }: Span, at: SQL): SQL {
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

/** "asc" = the oldest commit first. */
export type Order = "asc" | "desc";

/** A place in the timeline: the commit's number, and the place of the key in it, from 0. */
export interface Place {
  readonly no: number;
  readonly place: number;
}

/** Which part of the timeline to look at. */
export interface Range extends Span {
  readonly order: Order;
  /** Only what comes after this place, in the order asked for. */
  readonly after: Place | null;
  /** No commit above this number; null = up to the newest. */
  readonly upTo: number | null;
}

/**
 * Common table expressions that end in two: `scanned`, keys by their place as (no, at, place, type, a, b, c), and `scan`, one
 * row (endNo, endPlace, more) that says how far was looked and whether there is more to look at; no row when nothing was.
 */
export type Scan = SQL;

const KEY_PARTS = sql`
  k.value ->> 0 AS type, k.value ->> 1 AS a, k.value ->> 2 AS b, k.value ->> 3 AS c`;

/** Walks commit by commit, for at most so many keys and commits. */
export function scanCommits(range: Range, keys: number, commits: number): Scan {
  const { order, after, upTo } = range;
  const asc = order === "asc";
  const oldest = sql`(SELECT oldest FROM bounds)`;
  const newest = sql`(SELECT newest FROM bounds)`;
  // The walk begins one before its first commit.
  const start = asc
    ? sql`max(${after?.no ?? 0}, ${oldest}) - 1`
    : sql`min(${after?.no ?? Number.MAX_SAFE_INTEGER - 1}, ${newest}) + 1`;
  const next = asc
    ? sql`(SELECT min(n.no) FROM commits n WHERE n.no > v.no)`
    : sql`(SELECT max(n.no) FROM commits n WHERE n.no < v.no)`;
  const inBounds = asc ? sql`c.no <= ${newest}` : sql`c.no >= ${oldest}`;
  const beyond = asc ? sql`c.no > p.no` : sql`c.no < p.no`;
  const budget = sql`${keys} - v.before`;
  return sql`
    bounds AS MATERIALIZED (
      SELECT ${firstCommitFrom(range)} AS oldest, ${lastCommitBefore(range, upTo)} AS newest
    ),
    visited(no, at, keys, size, ahead, before, steps) AS (
      SELECT ${start}, 0, '[]', 0, 0, 0, 0
      UNION ALL
      SELECT c.no, c.at, c.keys, json_array_length(c.keys), ${keysAhead(range)}, v.before + v.ahead, v.steps + 1
      FROM visited v CROSS JOIN commits c ON c.no = ${next}
      WHERE v.before + v.ahead < ${keys} AND v.steps <= ${commits} AND ${inBounds}
    ),
    parts AS MATERIALIZED (
      SELECT v.no, v.at, v.keys, v.size, v.steps,
        ${asc ? sql`v.size - v.ahead` : sql`max(0, v.ahead - (${budget}))`} AS low,
        ${asc ? sql`min(v.size, v.size - v.ahead + ${budget})` : sql`v.ahead`} - 1 AS high
      FROM visited v WHERE v.steps > 0
    ),
    scanned AS MATERIALIZED (
      SELECT p.no, p.at, k.key AS place, ${KEY_PARTS}
      FROM parts p CROSS JOIN json_each(p.keys) k
      WHERE k.key BETWEEN p.low AND p.high
    ),
    scan AS MATERIALIZED (
      SELECT p.no AS endNo, ${asc ? sql`p.high` : sql`p.low`} AS endPlace,
        ${asc ? sql`p.high < p.size - 1` : sql`p.low > 0`}
          OR EXISTS (SELECT 1 FROM commits c WHERE ${beyond} AND ${inBounds}) AS more
      FROM parts p ORDER BY p.steps DESC LIMIT 1
    )`;
}

/** How many keys of the commit `c` are to be looked at: none when it is out of the span, else those past the cursor. */
function keysAhead(range: Range): SQL {
  const { order, after } = range;
  const size = sql`json_array_length(c.keys)`;
  const past =
    order === "asc"
      ? sql`max(0, ${size} - 1 - ${after?.place ?? 0})`
      : sql`min(${size}, ${after?.place ?? 0})`;
  return sql`iif(${committedIn(range, sql`c.at`)}, iif(c.no = ${after?.no ?? -1}, ${past}, ${size}), 0)`;
}

/** A lead's own keys, by its rows: as many as its story has, whatever the length of the timeline. */
export function scanLead(range: Range, lead: string): Scan {
  const { order, after, upTo } = range;
  const asc = order === "asc";
  const isPast = asc ? sql`>` : sql`<`;
  const direction = asc ? sql`DESC` : sql`ASC`;
  return sql`
    target AS MATERIALIZED (SELECT ${leadIdBehind(lead)} AS id),
    own AS MATERIALIZED (
      SELECT d.commit_no AS no FROM target t CROSS JOIN decisions d ON d.lead_id = t.id
      UNION
      SELECT e.commit_no FROM target t CROSS JOIN events e ON e.subject_type = 'lead' AND e.subject_id = t.id
    ),
    scanned AS MATERIALIZED (
      SELECT c.no, c.at, k.key AS place, ${KEY_PARTS}
      FROM target t CROSS JOIN own o CROSS JOIN commits c ON c.no = o.no CROSS JOIN json_each(c.keys) k
      WHERE ((k.value ->> 0 = 'decision' AND k.value ->> 1 = t.id)
          OR (k.value ->> 0 = 'event' AND k.value ->> 1 = 'lead' AND k.value ->> 2 = t.id))
        AND ${committedIn(range, sql`c.at`)}
        AND ${upTo === null ? sql`1` : sql`c.no <= ${upTo}`}
        AND ${after === null ? sql`1` : sql`(c.no, k.key) ${isPast} (${after.no}, ${after.place})`}
    ),
    scan AS MATERIALIZED (
      SELECT no AS endNo, place AS endPlace, 0 AS more FROM scanned ORDER BY no ${direction}, place ${direction} LIMIT 1
    )`;
}
