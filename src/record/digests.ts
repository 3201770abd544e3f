import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { canonicalJson } from "../rules/chain.ts";
import { query, type Query, sql } from "../lib/query.ts";
import { digestPages, digests } from "./schema.ts";
import { columns, type StoredRow } from "./columns.ts";
import { lastCommitBefore } from "./timeline.ts";

// The chain of digests. Each link is SHA-256, as hex, of the link before, a newline, and lines that end in a newline each: so
// that `{ echo "$previous"; cat lines; } | sha256sum` makes it again. One link per commit, and one that closes the day.
// Between any two links the whole state is 64 letters, so a day can be hashed in as many goes as it takes.

/** What the first link of all follows. */
export const FIRST_PREVIOUS = "0".repeat(64);

/** The link after one more commit: over its own line and those of its rows. */
export async function linkDigest(previous: string, lines: readonly string[]): Promise<string> {
  const text = utf8ToBytes(`${previous}\n${lines.map((line) => `${line}\n`).join("")}`);
  return bytesToHex(new Uint8Array(await crypto.subtle.digest("SHA-256", text)));
}

/** The links over several commits, one after the other; yields the last. */
export async function linkCommits(
  previous: string,
  commits: readonly { readonly lines: readonly string[] }[],
): Promise<string> {
  let state = previous;
  for (const { lines } of commits) state = await linkDigest(state, lines);
  return state;
}

/** What a closed day says of itself, beside its digest. */
export interface ClosedDay {
  /** UTC: YYYY-MM-DD. */
  readonly day: string;
  /** The number of its first commit. */
  readonly firstNo: number;
  /** The number of its last commit; `firstNo` - 1 where it has none. */
  readonly lastNo: number;
  /** Decisions and events that its commits name. */
  readonly rows: number;
  /** The digest of the day before; of the first day {@link FIRST_PREVIOUS}. */
  readonly previous: string;
  /** When it was closed, milliseconds since the epoch. */
  readonly at: number;
}

/** The day's digest: the link over the day's own row, so that nothing of that can be changed either. */
export function closeDigest(
  state: string,
  { day, firstNo, lastNo, rows, previous, at }: ClosedDay,
): Promise<string> {
  const line = { table: "digests", day, first_no: firstNo, last_no: lastNo, rows, previous, at };
  return linkDigest(state, [canonicalJson(line)]);
}

/** Lines of the audit commit by commit, as {@link linkDigest} takes them. Throws where they do not begin with a commit. */
export function splitByCommit(lines: readonly string[]): string[][] {
  const parts: string[][] = [];
  for (const line of lines) {
    const parsed: unknown = JSON.parse(line);
    const begins =
      typeof parsed === "object" &&
      parsed !== null &&
      "table" in parsed &&
      parsed.table === "commits";
    if (begins) parts.push([line]);
    else if (parts.length === 0) throw new Error("lines of the audit begin with that of a commit");
    else parts.at(-1)?.push(line);
  }
  return parts;
}

// The one place with SQL on `digests` and `digest_pages`.

/** A closed day. */
export type DigestRow = StoredRow<typeof digests>;
/** A page of commits that is hashed. */
export type PageRow = StoredRow<typeof digestPages>;

const dayColumns = columns(digests);
const pageColumns = columns(digestPages);

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

/** Appends a page, unless a page of its commits exists, or those before it are not all hashed. */
export function insertPage({ firstNo, lastNo, rows, digest }: PageRow): Query {
  return query(sql`
    INSERT INTO digest_pages (last_no, first_no, rows, digest)
    SELECT ${lastNo}, ${firstNo}, ${rows}, ${digest}
    WHERE coalesce((SELECT max(last_no) FROM digest_pages), 0) = ${firstNo - 1}
    ON CONFLICT (last_no) DO NOTHING`);
}

/**
 * Closes a day, unless the newest closed day is another than `before` (null = none), or the pages do not end where the day does:
 * then another run is already closing it.
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

// Who has got as many leads today as their own cap allows, or more: over all pods, account matches and hand assignments.

/** A rep who has reached their own cap. */
export interface FullDay {
  readonly repId: string;
  /** Leads of the rep's present day. */
  readonly count: number;
  readonly cap: number;
}

/** The zones of those who have a cap of their own. Reads every rep. */
export function zonesOfCapped(): Query<{ timeZone: string }> {
  return query(sql`
    SELECT DISTINCT time_zone AS timeZone FROM reps WHERE active = 1 AND daily_cap IS NOT NULL`);
}

/**
 * The active reps who have reached their own cap. Reads every rep, and of those with a cap as many rows as they got leads that day.
 * @param days the present local date of each zone, YYYY-MM-DD; who lives in no zone of it is left out
 */
export function fullDays(days: Readonly<Record<string, string>>): Query<FullDay> {
  return query(sql`
    SELECT repId, count, cap FROM (
      SELECT r.id AS repId, r.daily_cap AS cap, (
        SELECT count(*) FROM decisions d
        WHERE d.owner_id = r.id AND d.day = ${JSON.stringify(days)} ->> r.time_zone) AS count
      FROM reps r
      WHERE r.active = 1 AND r.daily_cap IS NOT NULL AND ${JSON.stringify(days)} ->> r.time_zone IS NOT NULL)
    WHERE count >= cap`);
}
