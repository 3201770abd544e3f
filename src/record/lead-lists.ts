import type { SQL } from "drizzle-orm";
import { leadColumns, type LeadRow } from "./leads.ts";
import { query, rows, sql } from "../lib/query.ts";
import { cutPage, SCAN_LIMIT, type Page } from "./page.ts";
import {
  filtersScanned,
  isListed,
  scanLeads,
  type LeadFilter,
  type ListKey,
  type ListRange,
} from "./lead-scans.ts";
import type { Order } from "./timeline-scan.ts";

/** A lead and the gist of its newest decision; all of the gist is null when it has none. */
export interface ListedLead extends LeadRow {
  readonly generation: number | null;
  readonly outcome: "assigned" | "unassigned" | null;
  readonly ownerId: string | null;
  readonly podId: string | null;
  readonly rule: string | null;
  readonly decidedAt: number | null;
  /** The place in the order of an owner's leads; empty in the order of arrival. */
  readonly day: string;
}

/**
 * Leads in the order of arrival, or, where an owner is asked for and no e-mail, of the day they got them. By e-mail, by owner and
 * those unassigned are found by an index; what no index serves is filtered from a bounded scan.
 */
export async function listLeads(
  db: D1Database,
  filter: LeadFilter,
  range: ListRange,
  limit: number,
): Promise<Page<ListedLead, ListKey>> {
  const { order } = range;
  // Where every scanned lead is wanted, one more than the page holds tells whether there is another.
  const scanLimit = filtersScanned(filter) ? SCAN_LIMIT : limit + 1;
  const direction = order === "asc" ? sql`ASC` : sql`DESC`;
  const found = await rows(
    db,
    query<FoundRow>(sql`
      WITH scanned AS MATERIALIZED (${scanLeads(filter, range, scanLimit)}),
      listed AS MATERIALIZED (
        SELECT s.day, s.lead_id, d.generation
        FROM scanned s
        CROSS JOIN leads l ON l.id = s.lead_id
        LEFT JOIN decisions d ON d.lead_id = l.id
          AND d.generation = (SELECT max(n.generation) FROM decisions n WHERE n.lead_id = l.id)
        WHERE ${isListed(filter)}
        ORDER BY s.day ${direction}, s.lead_id ${direction} LIMIT ${limit + 1}
      ),
      scan AS MATERIALIZED (
        SELECT count(*) OVER () AS scanned, day AS lastDay, lead_id AS lastId FROM scanned
        ORDER BY day ${reverse(order)}, lead_id ${reverse(order)} LIMIT 1
      )
      SELECT x.scanned, x.lastDay, x.lastId, ${leadColumns},
        d.generation, d.outcome, d.owner_id AS ownerId, d.pod_id AS podId, d.rule, d.decided_at AS decidedAt, m.day
      FROM scan x
      LEFT JOIN listed m ON true
      LEFT JOIN leads l ON l.id = m.lead_id
      LEFT JOIN decisions d ON d.lead_id = m.lead_id AND d.generation = m.generation
      ORDER BY m.day ${direction}, m.lead_id ${direction}`),
  );
  const [first] = found;
  if (first === undefined) return { rows: [], next: null };
  const leads = found.filter((row) => row.id !== null);
  const keyOf = ({ day, id }: ListedLead): ListKey => ({ day, leadId: id });
  const last = { day: first.lastDay, leadId: first.lastId };
  return cutPage(leads, limit, keyOf, { count: first.scanned, last }, scanLimit);
}

/** What a row says of the scan, and the lead it carries; one row without a lead when none was found. */
type FoundRow = ScanEnd & (ListedLead | { readonly id: null });

interface ScanEnd {
  readonly scanned: number;
  readonly lastDay: string;
  readonly lastId: string;
}

function reverse(order: Order): SQL {
  return order === "asc" ? sql`DESC` : sql`ASC`;
}
