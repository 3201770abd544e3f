import { query, sql, type Query } from "../../lib/query.ts";
import type { digestPages, digests } from "../../record/schema.ts";
import type { StoredRow } from "../../record/stored-row.ts";
import { lastCommitBefore } from "../../record/timeline.ts";

// The one place with SQL on `digests` and `digest_pages`.

/** A closed day. */
export type DigestRow = StoredRow<typeof digests>;
/** A page of commits that is hashed. */
export type PageRow = StoredRow<typeof digestPages>;

const dayColumns = sql.raw(
  "day, first_no AS firstNo, last_no AS lastNo, rows, digest, previous, at",
);
const pageColumns = sql.raw("last_no AS lastNo, first_no AS firstNo, rows, digest");

/** The newest day that is closed: one row, or none before the first. */
export function newestDay(): Query<DigestRow> {
  return query(sql`SELECT ${dayColumns} FROM digests ORDER BY day DESC LIMIT 1`);
}

/** The newest page: one row, or none before the first. */
export function newestPage(): Query<PageRow> {
  return query(sql`SELECT ${pageColumns} FROM digest_pages ORDER BY last_no DESC LIMIT 1`);
}

/** The instant of the first commit of all; no row before there is one. */
export function firstCommit(): Query<{ at: number }> {
  return query(sql`SELECT at FROM commits ORDER BY no LIMIT 1`);
}

/**
 * The highest number of a commit before an instant, `after` where there is none above that. Reads the commits whose
 * instants may be out of the order of their numbers, some minutes' worth, and a few more.
 */
export function lastNoBefore(instant: number, after: number): Query<{ no: number }> {
  return query(sql`
    SELECT coalesce((
      SELECT no FROM commits WHERE no > ${after} AND no <= ${lastCommitBefore({ from: null, to: instant }, null)} AND at < ${instant}
      ORDER BY no DESC LIMIT 1), ${after}) AS no`);
}

/** How many rows the pages name that end in [firstNo, beforeNo). */
export function rowsBetween(firstNo: number, beforeNo: number): Query<{ rows: number }> {
  return query(sql`
    SELECT coalesce(sum(rows), 0) AS rows FROM digest_pages WHERE last_no >= ${firstNo} AND last_no < ${beforeNo}`);
}

/** Appends a page, unless another of its commits stands or those before it are not all hashed. */
export function insertPage({ firstNo, lastNo, rows, digest }: PageRow): Query {
  return query(sql`
    INSERT INTO digest_pages (last_no, first_no, rows, digest)
    SELECT ${lastNo}, ${firstNo}, ${rows}, ${digest}
    WHERE coalesce((SELECT max(last_no) FROM digest_pages), 0) = ${firstNo - 1}
    ON CONFLICT (last_no) DO NOTHING`);
}

/**
 * Closes a day, unless the newest closed day is another than `before` (null = none), or the pages do not end where the day does:
 * then somebody else is at it.
 */
export function insertDay(row: DigestRow, before: string | null): Query {
  const { day, firstNo, lastNo, rows, digest, previous, at } = row;
  return query(sql`
    INSERT INTO digests (day, first_no, last_no, rows, digest, previous, at)
    SELECT ${day}, ${firstNo}, ${lastNo}, ${rows}, ${digest}, ${previous}, ${at}
    WHERE (SELECT max(day) FROM digests) IS ${before} AND (SELECT max(last_no) FROM digest_pages) = ${lastNo}
    ON CONFLICT (day) DO NOTHING`);
}

/** One closed day: one row or none. */
export function closedDay(day: string): Query<DigestRow> {
  return query(sql`SELECT ${dayColumns} FROM digests WHERE day = ${day}`);
}

/** Up to `limit` closed days before one, the newest first; `before` null = from the newest on. */
export function listDays(before: string | null, limit: number): Query<DigestRow> {
  return query(sql`
    SELECT ${dayColumns} FROM digests WHERE ${before} IS NULL OR day < ${before} ORDER BY day DESC LIMIT ${limit}`);
}

/** Up to `limit` pages whose last commit is in (afterNo, upToNo], in order. */
export function listPages(afterNo: number, upToNo: number, limit: number): Query<PageRow> {
  return query(sql`
    SELECT ${pageColumns} FROM digest_pages WHERE last_no > ${afterNo} AND last_no <= ${upToNo} ORDER BY last_no LIMIT ${limit}`);
}

/** The page that ends with a commit: one row or none. */
export function pageEndingAt(lastNo: number): Query<PageRow> {
  return query(sql`SELECT ${pageColumns} FROM digest_pages WHERE last_no = ${lastNo}`);
}
