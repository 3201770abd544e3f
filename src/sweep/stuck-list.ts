import { cutPage, type Page, SCAN_LIMIT } from "../record/lead-lists.ts";
import { query, sql, transaction } from "../lib/query.ts";
import type { PendingRow } from "../record/pending.ts";

/** Something that needs another go and has not got it yet. Instants are milliseconds since the epoch. */
export interface StuckRow extends PendingRow {
  readonly receivedAt: number;
  /** When it is tried next. */
  readonly due: number;
  /** What went wrong last, as the audit has it; null = no try came back with a cause. */
  readonly cause: string | null;
}

/** A row's place: the oldest lead first. */
export type StuckKey = Pick<StuckRow, "leadId" | "generation" | "kind">;

/** The oldest lead at which the sweep has not looked. */
export interface Unswept {
  readonly leadId: string;
  readonly receivedAt: number;
}

/**
 * What was tried and has to be tried again, or is due: leads, announcements, open slots, debits. What is on its way for the
 * first time is not stuck, nor is a lead that stands in a pod's line. Looks at a bounded number of rows a page.
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
  const keyOf = ({ leadId, generation, kind }: StuckKey): StuckKey => ({
    leadId,
    generation,
    kind,
  });
  const last = scanned.at(-1);
  const found = scanned.filter(({ tries, due }) => tries > 0 || due <= now);
  const scan = { count: scanned.length, last: last === undefined ? null : keyOf(last) };
  return { ...cutPage(found, limit, keyOf, scan, SCAN_LIMIT), unswept: unswept ?? null };
}
