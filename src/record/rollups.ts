import type { SQL } from "drizzle-orm";
import { chunkJson } from "../lib/chunks.ts";
import { query, type Query, sql, writeThenRead } from "../lib/query.ts";
import { type StoredTally, type Tally, toStored } from "./tally.ts";

/** Length of a bucket in milliseconds: every time zone of today is a multiple of it from UTC. */
export const BUCKET_MS = 15 * 60_000;

/** The instant at which the bucket of an instant begins: milliseconds since the epoch. */
export function bucketOf(instant: number): number {
  return Math.floor(instant / BUCKET_MS) * BUCKET_MS;
}

/** Whole buckets from one instant to another: milliseconds since the epoch, `to` exclusive. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** The buckets that a range touches, as a range. */
export function wholeBuckets({ from, to }: Range): Range {
  return { from: bucketOf(from), to: bucketOf(to - 1) + BUCKET_MS };
}

// The only place with SQL on `rollups` and on the mark that says how far they count.

/** Half of what D1 takes as one parameter (2 MB). */
const MAX_PARAMETER_BYTES = 1_000_000;

/** A row of `rollups`: the instant at which its quarter-hour begins, and a StoredTally as JSON. */
export interface RollupRow {
  readonly bucket: number;
  readonly data: string;
}

/** The number of the last commit counted, as an expression. */
export const countedUpTo: SQL = sql`(SELECT CAST(m.value AS INTEGER) FROM marks m WHERE m.name = 'rollup')`;

/** How far the rollup counts. */
export interface Mark {
  /** The number of the last commit counted; 0 = none. */
  readonly no: number;
  /** Its instant; null = none. */
  readonly at: number | null;
}

/** The mark: one row. */
export function readMark(): Query<Mark> {
  return query(sql`
    SELECT m.no, c.at FROM (SELECT ${countedUpTo} AS no) m LEFT JOIN commits c ON c.no = m.no`);
}

export function rollupsAt(buckets: readonly number[]): Query<RollupRow> {
  return query(sql`
    SELECT r.bucket, r.data FROM json_each(${JSON.stringify(buckets)}) b
    CROSS JOIN rollups r ON r.bucket = b.value`);
}

/** The newest rows of a range, `limit` at most, with these parts of their data only. */
export function newestRollups(
  { from, to }: Range,
  limit: number,
  parts: readonly (keyof StoredTally)[],
): Query<RollupRow> {
  const picked = parts.map((part) => sql`, ${part}, data -> ${part}`);
  return query(sql`
    SELECT bucket, json_object('v', data -> 'v'${sql.join(picked)}) AS data FROM rollups
    WHERE bucket >= ${from} AND bucket < ${to} ORDER BY bucket DESC LIMIT ${limit}`);
}

/**
 * Writes tallies that count the commits after `seen` up to `upTo`, and moves the mark: all of it or none, and only while the
 * mark still is where it was seen. So no commit is counted twice, even if others count at the same time or an answer is lost.
 * Yields whether the mark is now at `upTo`.
 */
export async function writeRollups(
  db: D1Database,
  tallies: ReadonlyMap<number, Tally>,
  seen: number,
  upTo: number,
): Promise<boolean> {
  const rows = Array.from(tallies, ([bucket, tally]) => [bucket, JSON.stringify(toStored(tally))]);
  const writes = chunkJson(rows, MAX_PARAMETER_BYTES).map((chunk) =>
    query(sql`
      INSERT INTO rollups (bucket, data)
      SELECT r.value ->> 0, r.value ->> 1 FROM json_each(${chunk}) r
      WHERE ${countedUpTo} = ${seen}
      ON CONFLICT (bucket) DO UPDATE SET data = excluded.data`),
  );
  const moveMark = query(sql`
    UPDATE marks SET value = ${String(upTo)} WHERE name = 'rollup' AND CAST(value AS INTEGER) = ${seen}`);
  const [[mark]] = await writeThenRead(db, [...writes, moveMark], [readMark()]);
  return mark?.no === upTo;
}
