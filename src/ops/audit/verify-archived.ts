import { readArchivedAuditLines } from "../../archive/index.ts";
import type { Deps } from "../../ports/deps.ts";
import { isRecord } from "../../lib/json.ts";
import { splitByCommit } from "../../record/digests.ts";
import { type CommitLines, readCommitLines } from "../../record/digest-lines.ts";
import { smallestLeadId } from "../../lib/ids.ts";
import { query, type Query, rows, sql } from "../../lib/query.ts";

/**
 * Reads the commits of a day in their order wherever they are: those that the archive took from there, the others from D1. Holds
 * two parts of the archive at a time.
 * @param start the number of the last commit that is not wanted
 */
export function readAnywhere(
  deps: Pick<Deps, "db" | "archive">,
  day: string,
  start: number,
): ReadCommits {
  let parts = readArchivedAuditLines(deps, day, start);
  let ahead: readonly CommitLines[] = [];
  const unreadable: CommitRange[] = [];
  let archivedUpTo = start;

  async function readParts(afterNo: number, upToNo: number): Promise<void> {
    while (archivedUpTo < upToNo) {
      const { value } = await parts.next();
      if (value === undefined) return;
      const { firstNo, lastNo, lines } = value;
      ahead = ahead.filter(({ no }) => no > afterNo);
      if (lines === null) unreadable.push({ firstNo, lastNo });
      else ahead = ahead.concat(commitsOfLines(lines));
      archivedUpTo = lastNo;
    }
  }

  return async (afterNo, upToNo) => {
    await readParts(afterNo, upToNo);
    const from = Math.max(afterNo, archivedUpTo);
    const standing = from < upToNo ? await readCommitLines(deps.db, from, upToNo) : [];
    // The archive takes the lowest first: perhaps it took these since its parts were listed.
    if (from < upToNo && standing[0]?.no !== from + 1) {
      parts = readArchivedAuditLines(deps, day, from);
      await readParts(afterNo, upToNo);
    }
    return {
      commits: [
        ...ahead.filter(({ no }) => no > afterNo && no <= upToNo),
        ...standing.filter(({ no }) => no > archivedUpTo),
      ],
      unreadable: clip(unreadable, afterNo, upToNo),
    };
  };
}

/** What of these ranges lies in (afterNo, upToNo]. */
function clip(
  ranges: readonly CommitRange[],
  afterNo: number,
  upToNo: number,
): readonly CommitRange[] {
  return ranges
    .map(({ firstNo, lastNo }) => ({
      firstNo: Math.max(firstNo, afterNo + 1),
      lastNo: Math.min(lastNo, upToNo),
    }))
    .filter(({ firstNo, lastNo }) => firstNo <= lastNo);
}

/** Lines as the archive keeps them, commit by commit. Throws a SyntaxError where one is no JSON. */
function commitsOfLines(lines: readonly string[]): CommitLines[] {
  return splitByCommit(lines).map((part) => {
    const [commit = {}, ...named] = part.map(readLine);
    const no = Number(commit["no"]);
    const missing = named.flatMap((row) => ("missing" in row ? [String(row["missing"])] : []));
    const misnumbered = named
      .filter((row) => !("missing" in row) && row["commit_no"] !== no)
      .map((row) => JSON.stringify(keyOf(row)));
    return { no, at: Number(commit["at"]), lines: part, missing, misnumbered };
  });
}

function readLine(line: string): Readonly<Record<string, unknown>> {
  const row: unknown = JSON.parse(line);
  return isRecord(row) ? row : {};
}

function keyOf(row: Readonly<Record<string, unknown>>): readonly unknown[] {
  return row["table"] === "decisions"
    ? ["decision", row["lead_id"], row["generation"]]
    : ["event", row["subject_type"], row["subject_id"], row["id"]];
}

// Rows of the audit that no commit names: somebody put them in past the router. No index leads from a commit to its rows but by
// the commit's own keys, so these are looked for by the rows' keys: those of leads by the day in which the lead came in.

/** Rows looked at by one statement: with their commits some 3,000 rows read. */
const WALK_ROWS = 1_000;
/** Above every id, also one that is none. */
const BEYOND = "\u{10ffff}";

/** The walks in their order, each over a part of one table. */
export const WALKS = ["decisions", "lead_events", "events_below", "events_above"] as const;
export type Walk = (typeof WALKS)[number];

/** Which leads are looked at: by the instant of their id, milliseconds since the epoch; null = unbounded. */
export interface LeadSpan {
  readonly from: number | null;
  readonly to: number | null;
}

export interface Strays {
  /** Keys of rows that the commit they say they are of does not name, as JSON. */
  readonly found: readonly string[];
  /** Rows looked at. */
  readonly looked: number;
  /** Where to look on; null = this walk is done. */
  readonly next: readonly string[] | null;
}

/**
 * Looks at the next rows of a walk.
 * @param after the `next` of the look before; null = from its start
 */
export async function findStrays(
  db: D1Database,
  walk: Walk,
  span: LeadSpan,
  after: readonly string[] | null,
): Promise<Strays> {
  const found = await rows(
    db,
    walk === "decisions" ? decisionsIn(span, after) : eventsIn(walk, span, after),
  );
  const last = found.at(-1);
  return {
    found: found.filter(({ named }) => named === 0).map(({ name }) => name),
    looked: found.length,
    next: found.length < WALK_ROWS || last === undefined ? null : [last.a, last.b, last.c],
  };
}

interface WalkedRow {
  /** The parts of its key. */
  readonly a: string;
  readonly b: string;
  readonly c: string;
  /** Its key as a commit names it. */
  readonly name: string;
  readonly named: 0 | 1;
}

function decisionsIn({ from, to }: LeadSpan, after: readonly string[] | null): Query<WalkedRow> {
  const [leadId, generation] = after ?? [lowest(from), "0"];
  const walked = sql`
    SELECT lead_id AS a, printf('%09d', generation) AS b, '' AS c, json_array('decision', lead_id, generation) AS name, commit_no
    FROM decisions WHERE (lead_id, generation) > (${leadId}, ${Number(generation)}) AND lead_id < ${highest(to)}
    ORDER BY lead_id, generation LIMIT ${WALK_ROWS}`;
  return whetherNamed(walked);
}

function eventsIn(
  walk: Exclude<Walk, "decisions">,
  { from, to }: LeadSpan,
  after: readonly string[] | null,
): Query<WalkedRow> {
  const [start, end] = {
    events_below: [
      ["", ""],
      ["lead", ""],
    ],
    lead_events: [
      ["lead", lowest(from)],
      ["lead", highest(to)],
    ],
    events_above: [
      ["lead", BEYOND],
      [BEYOND, ""],
    ],
  }[walk];
  const [type, subject, id] = after ?? [...(start ?? []), ""];
  const [endType, endSubject] = end ?? [];
  const walked = sql`
    SELECT subject_type AS a, subject_id AS b, id AS c, json_array('event', subject_type, subject_id, id) AS name, commit_no
    FROM events
    WHERE (subject_type, subject_id, id) > (${type}, ${subject}, ${id})
      AND (subject_type, subject_id) < (${endType}, ${endSubject})
    ORDER BY subject_type, subject_id, id LIMIT ${WALK_ROWS}`;
  return whetherNamed(walked);
}

function whetherNamed(walked: Query): Query<WalkedRow> {
  return query(sql`
    WITH walked AS MATERIALIZED (${walked})
    SELECT w.a, w.b, w.c, w.name, (w.commit_no, w.name) IN (
      SELECT c.no, k.value
      FROM (SELECT DISTINCT commit_no AS no FROM walked) n CROSS JOIN commits c ON c.no = n.no CROSS JOIN json_each(c.keys) k
      WHERE k.type = 'array'
    ) AS named
    FROM walked w ORDER BY w.a, w.b, w.c`);
}

function lowest(instant: number | null): string {
  return instant === null ? "" : smallestLeadId(instant);
}

function highest(instant: number | null): string {
  return instant === null ? BEYOND : smallestLeadId(instant);
}

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

interface CommitsRead {
  /** Whole commits in order, at least one if there is one that can be read. */
  readonly commits: readonly CommitLines[];
  /** Those that the archive does not have as they were written, in order. */
  readonly unreadable: readonly CommitRange[];
}

/** The commits of (afterNo, upToNo]: from D1 or from the archive. */
export type ReadCommits = (afterNo: number, upToNo: number) => Promise<CommitsRead>;
