import type { SQL } from "drizzle-orm";
import { query, sql, type Query } from "../lib/query.ts";
import { archives } from "./schema.ts";
import { columns, type StoredRow } from "./columns.ts";

// The one place with SQL on `archives` and on the two marks of the archive. A part goes writing → removing → kept, the last two in
// the transaction that removes its rows; one from which a person was erased goes kept → discarded. Triggers hold everyone to it.

/** How long an object may take from its record to its part's removal, in milliseconds: a cron is cut off after 15 minutes. */
const WRITING_LIMIT_MS = 60 * 60_000;

/** Lines as an object of the archive holds them: NDJSON, each line ended by a newline, gzipped. */
export interface Packed {
  readonly rows: number;
  /** Of the lines, newlines included. */
  readonly bytes: number;
  /** SHA-256 of the lines, as hex. */
  readonly sha256: string;
  readonly object: Uint8Array;
  readonly objectBytes: number;
  /** SHA-256 of the object, as hex. */
  readonly objectSha256: string;
}

/** What an object is to hold. */
export type Sums = Pick<Packed, "rows" | "bytes" | "sha256" | "objectBytes" | "objectSha256">;

export type PartRow = StoredRow<typeof archives>;
export type PartKind = PartRow["kind"];

/** What a part's rows counted while they stood in the database, for checks that go on counting them. Leads count nothing here. */
export interface PartCounts {
  /** Leads whose newest decision is in the part, by its outcome. */
  readonly assigned: number;
  readonly unassigned: number;
  /** Decisions that rest on a claim of each pod, by the member who got the lead: { dach: { bo: 31 } }. */
  readonly pods: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Chains that decided. */
  readonly chainVersions: readonly string[];
}

/** The rows of a part: from the first lead to the last, or from the first commit to the last. */
export type PartRange =
  | { readonly kind: "leads"; readonly day: string; readonly first: string; readonly last: string }
  | { readonly kind: "audit"; readonly day: string; readonly first: number; readonly last: number };

/** A part that is about to be written. */
export interface PlannedPart extends Sums {
  readonly key: string;
  readonly part: number;
  readonly range: PartRange;
  readonly erased: number;
  readonly counts: PartCounts;
  readonly writtenAt: number;
  /** The key of the part that it is written in place of. */
  readonly replaces: string | null;
}

const UNFINISHED = sql.raw("state IN ('writing', 'removing', 'discarded')");
const STANDING = sql.raw("state IN ('removing', 'kept')");
const COLUMNS = columns(archives);

/** Records a part before its object is written, so that no object is ever unknown. */
export function planPart(part: PlannedPart): Query {
  const { range } = part;
  const [lead, no] =
    range.kind === "leads"
      ? [[range.first, range.last], []]
      : [[], [range.first, range.last] as const];
  return query(sql`
    INSERT INTO archives (key, kind, day, part, state, first_lead, last_lead, first_no, last_no, rows, erased, bytes, sha256,
      object_bytes, object_sha256, counts, written_at, replaces)
    VALUES (${part.key}, ${range.kind}, ${range.day}, ${part.part}, 'writing', ${lead[0] ?? null}, ${lead[1] ?? null},
      ${no[0] ?? null}, ${no[1] ?? null}, ${part.rows}, ${part.erased}, ${part.bytes}, ${part.sha256}, ${part.objectBytes},
      ${part.objectSha256}, ${JSON.stringify(part.counts)}, ${part.writtenAt}, ${part.replaces})`);
}

/** Opens a part for the removal of its rows; aborts the transaction if the part does not hold exactly those rows. */
export function openRemoval(key: string): Query {
  return query(
    sql`UPDATE archives SET state = 'removing' WHERE key = ${key} AND state = 'writing'`,
  );
}

/** The rows of a part are gone; aborts the transaction where they are not. */
export function closeRemoval(key: string, now: number): Query {
  return query(
    sql`UPDATE archives SET state = 'kept', removed_at = ${now} WHERE key = ${key} AND state = 'removing'`,
  );
}

/** Replaces the part from which somebody was erased by this one; does nothing if that part is gone. */
export function replacePart(key: string, replaced: string): readonly Query[] {
  return [
    query(
      sql`UPDATE archives SET state = 'discarded' WHERE key = ${replaced} AND state = 'kept'
        AND EXISTS (SELECT 1 FROM archives WHERE key = ${key} AND state = 'writing')`,
    ),
    query(sql`
      UPDATE archives SET state = 'kept', removed_at = (SELECT b.removed_at FROM archives b WHERE b.key = ${replaced})
      WHERE key = ${key} AND state = 'writing' AND NOT EXISTS (
        SELECT 1 FROM archives o, archives own WHERE own.key = ${key}
          AND o.kind = own.kind AND o.day = own.day AND o.part = own.part AND o.state IN ('removing', 'kept'))`),
  ];
}

/** Raises the mark of removed leads; a part of leads that came late lies below it. */
export function markLeadsRemoved(last: string): Query {
  return query(
    sql`UPDATE marks SET value = ${last} WHERE name = 'archive_leads' AND value < ${last}`,
  );
}

/** Raises the mark of removed commits. */
export function markCommitsRemoved(last: number): Query {
  return query(sql`UPDATE marks SET value = ${String(last)} WHERE name = 'archive_commits'`);
}

/** The last commit that was removed, an expression: 0 = none was. */
const removedCommits: SQL = sql`(SELECT CAST(m.value AS INTEGER) FROM marks m WHERE m.name = 'archive_commits')`;

/** The first closed day of the audit of which commits stand above that one: one row or none. */
export function nextClosedDay(): Query<{ day: string; lastNo: number; removed: number }> {
  return query(sql`
    SELECT day, last_no AS lastNo, ${removedCommits} AS removed FROM digests
    WHERE day >= coalesce((SELECT max(day) FROM archives WHERE kind = 'audit' AND ${STANDING}), '')
      AND last_no > ${removedCommits}
    ORDER BY day LIMIT 1`);
}

/** Whether the lead of this id, an expression, is at or below the highest that was removed: were it gone, the archive has it. */
export function leadMayBeArchived(id: SQL): SQL {
  return sql`${id} <= (SELECT m.value FROM marks m WHERE m.name = 'archive_leads')`;
}

/** The number of a day's next part. */
export function nextPartNo(kind: PartKind, day: string): Query<{ part: number }> {
  return query(sql`
    SELECT coalesce(max(part), 0) + 1 AS part FROM archives WHERE kind = ${kind} AND day = ${day} AND ${STANDING}`);
}

/** The part of this name, whatever its state: one row or none. */
export function partByKey(key: string): Query<PartRow> {
  return query(sql`SELECT ${COLUMNS} FROM archives WHERE key = ${key}`);
}

/** The parts of a day that are kept, in order. */
export function keptParts(kind: PartKind, day: string): Query<PartRow> {
  return query(sql`
    SELECT ${COLUMNS} FROM archives WHERE kind = ${kind} AND day = ${day} AND ${STANDING} ORDER BY part`);
}

/** The kept part of a day and number, whatever it replaced: one row or none. */
export function partAt(kind: PartKind, day: string, part: number): Query<PartRow> {
  return query(sql`
    SELECT ${COLUMNS} FROM archives WHERE kind = ${kind} AND day = ${day} AND part = ${part} AND ${STANDING}`);
}

/** The kept part of a day after a number: one row or none. */
export function partAfter(kind: PartKind, day: string, part: number): Query<PartRow> {
  return query(sql`
    SELECT ${COLUMNS} FROM archives WHERE kind = ${kind} AND ${STANDING} AND (day, part) > (${day}, ${part})
    ORDER BY day, part LIMIT 1`);
}

/** How many parts are kept after this one. Reads an entry of an index for each. */
export function countPartsAfter(
  kind: PartKind,
  day: string,
  part: number,
): Query<{ count: number }> {
  return query(sql`
    SELECT count(*) AS count FROM archives WHERE kind = ${kind} AND ${STANDING} AND (day, part) > (${day}, ${part})`);
}

/** Kept parts, audit before leads, by day and number. */
export function listParts(
  after: Pick<PartRow, "kind" | "day" | "part"> | null,
  limit: number,
): Query<PartRow> {
  return query(sql`
    SELECT ${COLUMNS} FROM archives
    WHERE ${STANDING} AND (kind, day, part) > (${after?.kind ?? ""}, ${after?.day ?? ""}, ${after?.part ?? 0})
    ORDER BY kind, day, part LIMIT ${limit}`);
}

/** Which of these keys name a part, whatever its state. */
export function namedKeys(keys: readonly string[]): Query<Pick<PartRow, "key">> {
  return query(sql`
    SELECT a.key FROM json_each(${JSON.stringify(keys)}) k CROSS JOIN archives a ON a.key = k.value`);
}

/** Keys of kept parts in (after, upTo], in order; null = to the end. */
export function keptKeys(
  after: string,
  upTo: string | null,
  limit: number,
): Query<Pick<PartRow, "key">> {
  return query(sql`
    SELECT key FROM archives WHERE ${STANDING} AND key > ${after} AND (${upTo} IS NULL OR key <= ${upTo})
    ORDER BY key LIMIT ${limit}`);
}

/** Days whose manifest does not name all their parts. */
export function unlistedDays(limit: number): Query<Pick<PartRow, "kind" | "day">> {
  return query(sql`
    SELECT DISTINCT kind, day FROM archives WHERE listed = 0 AND state = 'kept' ORDER BY kind, day LIMIT ${limit}`);
}

/** The manifest of their day names these. */
export function markListed(keys: readonly string[]): Query {
  return query(sql`
    UPDATE archives SET listed = 1 WHERE listed = 0 AND key IN (SELECT value FROM json_each(${JSON.stringify(keys)}))`);
}

/** Gives up a part, unless it is kept. */
export function abandonPart(key: string): Query {
  return query(
    sql`UPDATE archives SET state = 'discarded' WHERE key = ${key} AND state = 'writing'`,
  );
}

/** Gives up parts that were being written for so long that nobody writes them any more. */
export function abandonParts(now: number): Query {
  return query(sql`
    UPDATE archives SET state = 'discarded'
    WHERE ${UNFINISHED} AND state = 'writing' AND written_at < ${now - WRITING_LIMIT_MS}`);
}

/** Parts whose objects are to go: replaced ones at once, abandoned ones once nobody can be putting them any more. */
export function discardedParts(now: number, limit: number): Query<Pick<PartRow, "key">> {
  return query(sql`
    SELECT key FROM archives WHERE ${UNFINISHED} AND state = 'discarded'
      AND (removed_at IS NOT NULL OR written_at < ${now - WRITING_LIMIT_MS}) LIMIT ${limit}`);
}

/** Parts that are open for removal: outside the one transaction that opens and closes them there is none. */
export function openParts(): Query<Pick<PartRow, "key">> {
  return query(sql`SELECT key FROM archives WHERE ${UNFINISHED} AND state = 'removing'`);
}

/** Forgets discarded parts whose objects are gone. */
export function forgetParts(keys: readonly string[]): Query {
  return query(sql`
    DELETE FROM archives WHERE state = 'discarded' AND key IN (SELECT value FROM json_each(${JSON.stringify(keys)}))`);
}

/** Whether a part is kept, an expression: for what goes into the transaction that replaces it. */
export function isKept(key: string): SQL {
  return sql`EXISTS (SELECT 1 FROM archives a WHERE a.key = ${key} AND a.state = 'kept')`;
}

/** Leads that are archived, and what their decisions counted. Reads every part. */
export function countArchived(): Query<{ leads: number; assigned: number; unassigned: number }> {
  return query(sql`
    SELECT coalesce(sum(rows) FILTER (WHERE kind = 'leads'), 0) AS leads,
      coalesce(sum(counts ->> 'assigned'), 0) AS assigned, coalesce(sum(counts ->> 'unassigned'), 0) AS unassigned
    FROM archives WHERE ${STANDING}`);
}

/** Decisions in the archive that rest on a claim of each pod. Reads every part. */
export function countArchivedClaims(): Query<{ podId: string; count: number }> {
  return query(sql`
    SELECT p.key AS podId, sum(r.value) AS count
    FROM archives a CROSS JOIN json_each(a.counts, '$.pods') p CROSS JOIN json_each(p.value) r
    WHERE a.state IN ('removing', 'kept') AND a.kind = 'audit' GROUP BY p.key`);
}

/** Decisions in the archive that rest on a claim of a pod, by the member who got the lead. Reads every part. */
export function archivedClaimsOf(podId: string): Query<{ repId: string; count: number }> {
  return query(sql`
    SELECT r.key AS repId, sum(r.value) AS count
    FROM archives a CROSS JOIN json_each(a.counts, '$.pods') p CROSS JOIN json_each(p.value) r
    WHERE a.state IN ('removing', 'kept') AND a.kind = 'audit' AND p.key = ${podId} GROUP BY r.key`);
}
