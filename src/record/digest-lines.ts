import type { SQL } from "drizzle-orm";
import { canonicalJson } from "../rules/chain.ts";
import { query, rows, sql } from "../lib/query.ts";

// The days of the digests: UTC, as YYYY-MM-DD.

export const DAY_MS = 24 * 60 * 60_000;

/** The day of an instant, milliseconds since the epoch. */
export function dayOf(instant: number): string {
  return new Date(instant).toISOString().slice(0, 10);
}

/** The instant at which a day begins, milliseconds since the epoch. */
export function dayStart(day: string): number {
  return Date.parse(day);
}

export function dayAfter(day: string): string {
  return dayOf(dayStart(day) + DAY_MS);
}

export function dayBefore(day: string): string {
  return dayOf(dayStart(day) - DAY_MS);
}

// The audit as lines of text: what the nightly digest hashes and what the archive keeps. A line is one row of one table with
// every column of it, as canonical JSON; JSON columns are the very text that is stored, not what it means. First the
// line of a commit, then those of the rows it names, in the order in which it names them; then the next commit.

/** Rows that one read yields at most, but for a commit that has more by itself: with long trails some 5 MB. */
export const PAGE_ROWS = 500;

/**
 * The columns that lines have, spelt out: a column that a later migration adds must not change the lines of old rows. It is
 * added here with a rule from which commit on.
 */
export const DECISION_COLUMNS = [
  "lead_id",
  "generation",
  "outcome",
  "owner_id",
  "day",
  "pod_id",
  "claim_seq",
  "rule",
  "reason",
  "trail",
  "chain_version",
  "decided_at",
  "committed_at",
  "commit_no",
  "attempts",
  "decided_by",
] as const;
export const EVENT_COLUMNS = [
  "subject_type",
  "subject_id",
  "id",
  "generation",
  "kind",
  "actor",
  "occurred_at",
  "commit_no",
  "detail",
] as const;

/** One commit and the rows it names. */
export interface CommitLines {
  readonly no: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** The commit's own line first; without newlines. */
  readonly lines: readonly string[];
  /** Keys of rows that the commit names and that are not there; each has a line `{"missing":[…]}` in `lines`. */
  readonly missing: readonly string[];
  /** Keys of rows that say they belong to another commit. */
  readonly misnumbered: readonly string[];
}

export interface AuditLines {
  /** In commit order, without newlines. Always whole commits: the last one is here with all its rows. */
  readonly lines: string[];
  /** The last commit that is among the lines; `afterNo` where there was none. */
  readonly lastNo: number;
  /** Whether commits up to `upToNo` are left. */
  readonly more: boolean;
}

/**
 * The lines of the commits in (afterNo, upToNo], whole commits only.
 * @param limit rows, at most; a first commit that has more of them comes nevertheless
 */
export async function auditLines(
  db: D1Database,
  afterNo: number,
  upToNo: number,
  limit: number = PAGE_ROWS,
): Promise<AuditLines> {
  const found = await readCommitLines(db, afterNo, upToNo, limit);
  const lastNo = found.at(-1)?.no ?? afterNo;
  return {
    lines: found.flatMap(({ lines }) => lines),
    lastNo,
    more: found.length > 0 && lastNo < upToNo,
  };
}

/** As {@link auditLines}, commit by commit. */
export async function readCommitLines(
  db: D1Database,
  afterNo: number,
  upToNo: number,
  limit: number = PAGE_ROWS,
): Promise<CommitLines[]> {
  const found = await rows(
    db,
    query<FoundRow>(sql`
      WITH ahead AS MATERIALIZED (
        SELECT no, json_array_length(keys) AS size FROM commits WHERE no > ${afterNo} AND no <= ${upToNo}
        ORDER BY no LIMIT ${limit}
      ),
      summed AS MATERIALIZED (SELECT no, size, sum(size) OVER (ORDER BY no) AS total FROM ahead),
      taken AS MATERIALIZED (
        SELECT no FROM summed WHERE total <= ${limit} OR no = (SELECT min(no) FROM ahead)
      )
      SELECT c.no, c.at, iif(k.key IS NULL OR k.key = 0, c.keys, NULL) AS keys, CAST(k.value AS TEXT) AS name,
        d.lead_id IS NOT NULL AS isDecision, ${columnsOf("d", DECISION_COLUMNS)},
        e.id IS NOT NULL AS isEvent, ${columnsOf("e", EVENT_COLUMNS)}
      FROM taken t
      CROSS JOIN commits c ON c.no = t.no
      LEFT JOIN json_each(c.keys) k
      LEFT JOIN decisions d ON ${keyPart(0)} = 'decision' AND d.lead_id = ${keyPart(1)} AND d.generation = ${keyPart(2)}
      LEFT JOIN events e ON ${keyPart(0)} = 'event' AND e.subject_type = ${keyPart(1)} AND e.subject_id = ${keyPart(2)}
        AND e.id = ${keyPart(3)}
      ORDER BY c.no, k.key`),
  );
  const byCommit = Map.groupBy(found, ({ no }) => no);
  return [...byCommit.values()].map(linesOfCommit);
}

/** A part of the key `k`, a row of json_each; null where somebody made it something else than a list. */
export function keyPart(place: number): SQL {
  return sql.raw(`iif(k.type = 'array', k.value, '[]') ->> ${place}`);
}

function linesOfCommit(found: readonly FoundRow[]): CommitLines {
  const [first] = found;
  if (first === undefined) throw new Error("a commit has at least one row");
  const { no, at, keys } = first;
  const lines = [canonicalJson({ table: "commits", no, at, keys })];
  const missing: string[] = [];
  const misnumbered: string[] = [];
  for (const row of found) {
    if (row.name === null) continue;
    const named = namedRow(row);
    lines.push(canonicalJson(named ?? { missing: row.name }));
    if (named === null) missing.push(row.name);
    else if (named["commit_no"] !== no) misnumbered.push(row.name);
  }
  return { no, at, lines, missing, misnumbered };
}

function namedRow(row: FoundRow): Readonly<Record<string, unknown>> | null {
  if (row.isDecision === 1)
    return { table: "decisions", ...pickColumns(row, "d", DECISION_COLUMNS) };
  if (row.isEvent === 1) return { table: "events", ...pickColumns(row, "e", EVENT_COLUMNS) };
  return null;
}

function columnsOf(table: "d" | "e", columns: readonly string[]): SQL {
  return sql.raw(columns.map((column) => `${table}.${column} AS ${table}_${column}`).join(", "));
}

function pickColumns(row: FoundRow, table: "d" | "e", columns: readonly string[]) {
  return Object.fromEntries(columns.map((column) => [column, row[`${table}_${column}`]]));
}

/** A commit and one row it names; the columns of the table that has no such row are null. */
interface FoundRow {
  readonly no: number;
  readonly at: number;
  /** As stored, and only on the first row of a commit. */
  readonly keys: string | null;
  /** The key, as JSON text; null where the commit names no row. */
  readonly name: string | null;
  readonly isDecision: 0 | 1;
  readonly isEvent: 0 | 1;
  readonly [column: `${"d" | "e"}_${string}`]: string | number | null;
}
