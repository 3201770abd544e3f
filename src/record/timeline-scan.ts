import type { SQL } from "drizzle-orm";
import { leadIdBehind } from "./leads.ts";
import { sql } from "../lib/query.ts";
import { committedIn, firstCommitFrom, lastCommitBefore, type Span } from "./timeline-bounds.ts";

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
