import { cutPage, type Page, type Scan, SCAN_LIMIT } from "../../record/lead-lists.ts";
import { smallestLeadId } from "../../lib/ids.ts";
import { query, sql, transaction } from "../../lib/query.ts";
import { KEPT_MS, suspectColumns, type SuspectRow } from "../../record/quarantine.ts";

/** Which of those that wait are wanted; null = any. */
export interface SuspectFilter {
  readonly door: string | null;
  readonly reason: string | null;
  /** When it was received, milliseconds since the epoch: `from` inclusive, `to` exclusive. */
  readonly from: number | null;
  readonly to: number | null;
}

/** An id is made in the moment its submission is received; by more than this, in milliseconds, the two never differ. */
const ID_SLACK_MS = 1_000;
const ALL = sql`1`;

/**
 * What waits in quarantine, the newest first. No index serves it: a page looks at a bounded number of rows, at the people in
 * none but those it lists.
 * @param before the id after which the page starts; null = the newest
 */
export async function listWaiting(
  db: D1Database,
  { door, reason, from, to }: SuspectFilter,
  {
    before,
    limit,
    now,
  }: { readonly before: string | null; readonly limit: number; readonly now: number },
): Promise<Page<SuspectRow, string>> {
  const since = Math.max(from ?? 0, now - KEPT_MS + 1);
  const scanned = sql`
    SELECT id FROM quarantine
    WHERE id >= ${smallestLeadId(since - ID_SLACK_MS)}
      AND ${to === null ? ALL : sql`id < ${smallestLeadId(to + ID_SLACK_MS)}`}
      AND ${before === null ? ALL : sql`id < ${before}`}
    ORDER BY id DESC LIMIT ${SCAN_LIMIT}`;
  const [[scan], found] = await transaction(db, [
    query<Scan<string>>(sql`SELECT count(*) AS count, min(id) AS last FROM (${scanned})`),
    query<SuspectRow>(sql`
      SELECT ${suspectColumns} FROM (${scanned}) AS s
      CROSS JOIN quarantine AS q ON q.id = s.id
      WHERE q.outcome IS NULL AND q.received_at >= ${since}
        AND ${to === null ? ALL : sql`q.received_at < ${to}`}
        AND ${door === null ? ALL : sql`q.door = ${door}`}
        AND ${reason === null ? ALL : sql`q.reason = ${reason}`}
      ORDER BY q.id DESC LIMIT ${limit + 1}`),
  ]);
  return cutPage(found, limit, ({ id }) => id, scan ?? { count: 0, last: null }, SCAN_LIMIT);
}
