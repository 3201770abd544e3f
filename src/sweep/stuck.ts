import { smallestLeadId } from "../lib/ids.ts";
import { query, sql, transaction, type Query } from "../lib/query.ts";
import { cutPage, type Page, SCAN_LIMIT } from "../record/lead-lists.ts";
import type { PendingRow } from "../record/pending.ts";

// What keeps waiting, for people and alerts to see: a list, and the age of the oldest lead without a decision.

/** Work that has to be retried, or is due. Instants are milliseconds since the epoch. */
export interface StuckRow extends PendingRow {
  readonly receivedAt: number;
  /** When it is tried next. */
  readonly due: number;
  /** What went wrong last, as the audit has it; null = no try came back with a cause. */
  readonly cause: string | null;
}

/** A row's place: the oldest lead first. */
type StuckKey = Pick<StuckRow, "leadId" | "generation" | "kind">;

/** The oldest lead at which the sweep has not looked. */
interface Unswept {
  readonly leadId: string;
  readonly receivedAt: number;
}

/**
 * What was tried and has to be retried, or is due: leads, announcements, open slots, debits. Work that is on its way for the
 * first time is not stuck, nor is a lead that waits in a pod. Looks at a bounded number of rows a page.
 */
export async function listStuck(
  db: D1Database,
  now: number,
  limit: number,
  after: StuckKey | null,
): Promise<Page<StuckRow, StuckKey> & { readonly unswept: Unswept | null }> {
  const [scanned, [unswept]] = await transaction(db, [
    query<StuckRow>(sql`
      WITH scanned AS MATERIALIZED (
        SELECT lead_id, generation, kind, due, tries FROM pending
        WHERE (lead_id, generation, kind) > (${after?.leadId ?? ""}, ${after?.generation ?? 0}, ${after?.kind ?? ""})
        ORDER BY lead_id, generation, kind LIMIT ${SCAN_LIMIT}
      )
      SELECT s.lead_id AS leadId, s.generation, s.kind, s.due, s.tries, l.received_at AS receivedAt, (
        SELECT e.detail ->> 'cause' FROM events e
        WHERE s.kind = 'route' AND e.subject_type = 'lead' AND e.subject_id = s.lead_id
          AND e.kind = 'routing_retried' AND e.generation = s.generation
        ORDER BY e.id DESC LIMIT 1) AS cause
      FROM scanned s CROSS JOIN leads l ON l.id = s.lead_id
      ORDER BY s.lead_id, s.generation, s.kind`),
    query<Unswept>(sql`
      SELECT id AS leadId, received_at AS receivedAt FROM leads
      WHERE id > (SELECT value FROM marks WHERE name = 'sweep') ORDER BY id LIMIT 1`),
  ]);
  const keyOf = ({ leadId, generation, kind }: StuckKey) => ({ leadId, generation, kind });
  const last = scanned.at(-1);
  const found = scanned.filter(({ tries, due }) => tries > 0 || due <= now);
  const scan = { count: scanned.length, last: last === undefined ? null : keyOf(last) };
  return { ...cutPage(found, limit, keyOf, scan, SCAN_LIMIT), unswept: unswept ?? null };
}

/** Rows of each list, and leads that the sweep has not reached, looked at: an answer costs D1 some milliseconds, whatever waits. */
export const OLDEST_LIMIT = 500;
/** What is due for longer was not tried by a sweep, and a lead that is older was decided if all is well, in milliseconds. */
const OVERDUE_MS = 60_000;

/** How long leads have waited for a decision. */
export interface OldestUndecided {
  /** Since when the oldest has, in milliseconds since the epoch: its arrival, or the request to route it again. Null = none was found. */
  readonly since: number | null;
  /** 1 = the sweep is so far behind that there are more leads than were looked at: one of them may wait. */
  readonly isPartial: 0 | 1;
}

/**
 * The lead that has waited longest for a decision of those that should have one: not those that wait in a pod, and not those
 * that came in just now. Looks at a bounded number of rows: with more of them, some lead waits for at least so long. Always one row.
 */
export function oldestUndecided(now: number): Query<OldestUndecided> {
  // Two tries are no passing delay any more: by then some three minutes have gone. `tries >= 2` is written out, as in the index:
  // SQLite uses a partial index only where it can see that the condition holds.
  return query(sql`
    WITH unswept AS MATERIALIZED (
      SELECT id, received_at FROM leads
      WHERE id > (SELECT value FROM marks WHERE name = 'sweep') AND id < ${smallestLeadId(now - OVERDUE_MS)}
      ORDER BY id LIMIT ${OLDEST_LIMIT + 1}
    ), waiting AS (
      SELECT * FROM (
        SELECT lead_id, generation FROM pending WHERE kind = 'route' AND tries >= 2 ORDER BY lead_id LIMIT ${OLDEST_LIMIT})
      UNION
      SELECT * FROM (
        SELECT lead_id, generation FROM pending WHERE kind = 'route' AND due <= ${now - OVERDUE_MS}
        ORDER BY due LIMIT ${OLDEST_LIMIT})
    )
    SELECT min(since) AS since, (SELECT count(*) > ${OLDEST_LIMIT} FROM unswept) AS isPartial FROM (
      SELECT coalesce((
        SELECT max(e.occurred_at) FROM events e
        WHERE w.generation > 1 AND e.subject_type = 'lead' AND e.subject_id = w.lead_id AND e.generation = w.generation
          AND e.kind = 'reroute_requested'), l.received_at) AS since
      FROM waiting w CROSS JOIN leads l ON l.id = w.lead_id
      UNION ALL
      SELECT v.received_at FROM unswept v
      WHERE NOT EXISTS (SELECT 1 FROM decisions d WHERE d.lead_id = v.id)
    )`);
}
