import type { SQL } from "drizzle-orm";
import { smallestLeadId } from "../lib/ids.ts";
import { query, rows, sql } from "../lib/query.ts";
import type { Order } from "./timeline.ts";
import { leadColumns, type LeadRow } from "./leads.ts";

/** One page of a list. `next` names the last row that was looked at; null = the list ends here. */
export interface Page<Row, Key> {
  readonly rows: readonly Row[];
  readonly next: Key | null;
}

/**
 * Rows looked at per page of a list whose filter no index serves: three to four rows read for each, so a page
 * costs D1 a few milliseconds at most. Such a page may be short, or even empty, and `next` carries on.
 */
export const SCAN_LIMIT = 500;

/** How far a page's scan came. */
export interface Scan<Key> {
  readonly count: number;
  /** The scan's last row; null when it saw none. */
  readonly last: Key | null;
}

/** Cuts a page out of the rows that a scan of at most `scanLimit` rows found: of more than `limit`, the first so many. */
export function cutPage<Row, Key>(
  found: readonly Row[],
  limit: number,
  keyOf: (row: Row) => Key,
  { count, last }: Scan<Key>,
  scanLimit: number,
): Page<Row, Key> {
  const cut = found.slice(0, limit);
  const lastRow = cut.at(-1);
  if (found.length > limit && lastRow !== undefined) return { rows: cut, next: keyOf(lastRow) };
  return { rows: cut, next: count < scanLimit ? null : last };
}

/** Which leads are wanted; null = any. Owner, pod, rule, outcome and chain version are those of a lead's newest decision. */
export interface LeadFilter {
  /** Lower case, as leads are stored. */
  readonly email: string | null;
  /** Who has the lead now. */
  readonly owner: string | null;
  readonly pod: string | null;
  readonly rule: string | null;
  /** `pending` = no decision yet. */
  readonly outcome: "assigned" | "unassigned" | "pending" | null;
  readonly source: string | null;
  /** The version of the rules that decided. */
  readonly chainVersion: string | null;
  /** When the lead was received, milliseconds since the epoch: `from` inclusive, `to` exclusive. */
  readonly from: number | null;
  readonly to: number | null;
}

/** Where a page ends. In the order of arrival `day` is empty. */
export interface ListKey {
  readonly day: string;
  readonly leadId: string;
}

/** Which part of a list to read. */
export interface ListRange {
  /** "desc" = the newest first. */
  readonly order: Order;
  readonly after: ListKey | null;
}

/** A lead's id is made in the moment it is received; by more than this, in milliseconds, the two never differ. */
const ID_SLACK_MS = 1_000;
/** A local date differs from the UTC date by at most a day; another covers clocks that disagree. In milliseconds. */
const DAY_SLACK_MS = 2 * 24 * 60 * 60 * 1000;
const ALL = sql`1`;

/** Whether the list is in the order of the days on which an owner first got the leads: that of the index that serves it. */
export function isByDay({ owner, email }: Pick<LeadFilter, "owner" | "email">): boolean {
  return owner !== null && email === null;
}

/** Whether scanned leads may be unwanted: whatever the scan itself does not hold to. */
function filtersScanned(filter: LeadFilter): boolean {
  const { owner, pod, rule, outcome, source, chainVersion } = filter;
  return [owner, pod, rule, outcome, source, chainVersion].some((value) => value !== null);
}

/** Leads and the key they are ordered by, in bounded number: columns `day` and `lead_id`. Each once. */
export function scanLeads(filter: LeadFilter, range: ListRange, scanLimit: number): SQL {
  if (isByDay(filter)) return scanOwner(filter, range, scanLimit);
  return filter.outcome === "unassigned" && filter.email === null
    ? scanUnassigned(filter, range, scanLimit)
    : scanArrivals(filter, range, scanLimit);
}

function scanArrivals(filter: LeadFilter, { order, after }: ListRange, scanLimit: number): SQL {
  const { email } = filter;
  const direction = order === "asc" ? sql`ASC` : sql`DESC`;
  return sql`
    SELECT '' AS day, l.id AS lead_id FROM leads l
    WHERE ${received(filter)}
      AND ${email === null ? ALL : sql`l.email = ${email}`}
      AND ${isPast(sql`l.id`, order, after)}
      AND ${arrived(filter, sql`l.id`)}
    ORDER BY l.id ${direction} LIMIT ${scanLimit}`;
}

/** Leads that were unassigned in some generation; of those that are no longer there is little to pass over. */
function scanUnassigned(filter: LeadFilter, { order, after }: ListRange, scanLimit: number): SQL {
  const direction = order === "asc" ? sql`ASC` : sql`DESC`;
  // The outcome is a literal: a bound value would not let SQLite use the partial index `decisions_unassigned`.
  return sql`
    SELECT DISTINCT '' AS day, d.lead_id FROM decisions d
    WHERE d.outcome = 'unassigned'
      AND ${isPast(sql`d.lead_id`, order, after)}
      AND ${arrived(filter, sql`d.lead_id`)}
    ORDER BY d.lead_id ${direction} LIMIT ${scanLimit}`;
}

function scanOwner(
  { owner, from }: LeadFilter,
  { order, after }: ListRange,
  scanLimit: number,
): SQL {
  const direction = order === "asc" ? sql`ASC` : sql`DESC`;
  const past = order === "asc" ? sql`>` : sql`<`;
  return sql`
    SELECT DISTINCT d.day, d.lead_id FROM decisions d
    WHERE d.owner_id = ${owner}
      AND ${after === null ? ALL : sql`(d.day, d.lead_id) ${past} (${after.day}, ${after.leadId})`}
      AND ${from === null ? ALL : sql`d.day >= ${dayBefore(from)}`}
    ORDER BY d.day ${direction}, d.lead_id ${direction} LIMIT ${scanLimit}`;
}

/** What a scanned row `s`, with its lead `l` and that one's newest decision `d`, must satisfy to be listed. */
export function isListed(filter: LeadFilter): SQL {
  const { owner, pod, rule, outcome, source, chainVersion } = filter;
  const conditions = [
    received(filter),
    owner !== null && sql`d.owner_id = ${owner}`,
    // A lead that came back to its owner on another day keeps its place: a place that moves could be read twice, or never.
    isByDay(filter) &&
      // The plus keeps SQLite from the owner's index, which would lead it through all that was ever theirs.
      sql`s.day = (SELECT min(o.day) FROM decisions o WHERE o.lead_id = s.lead_id AND +o.owner_id = ${owner})`,
    pod !== null && sql`d.pod_id = ${pod}`,
    rule !== null && sql`d.rule = ${rule}`,
    outcome !== null &&
      (outcome === "pending" ? sql`d.lead_id IS NULL` : sql`d.outcome = ${outcome}`),
    source !== null && sql`l.source = ${source}`,
    chainVersion !== null && sql`d.chain_version = ${chainVersion}`,
  ];
  return sql.join(
    conditions.filter((condition) => condition !== false),
    sql` AND `,
  );
}

function received({ from, to }: LeadFilter): SQL {
  return sql`${from === null ? ALL : sql`l.received_at >= ${from}`} AND ${to === null ? ALL : sql`l.received_at < ${to}`}`;
}

/** The span of `received`, as far as an id tells: what makes a range of the primary key of it. */
function arrived({ from, to }: LeadFilter, leadId: SQL): SQL {
  const since = from === null ? ALL : sql`${leadId} >= ${smallestLeadId(from - ID_SLACK_MS)}`;
  return to === null ? since : sql`${since} AND ${leadId} < ${smallestLeadId(to + ID_SLACK_MS)}`;
}

function isPast(leadId: SQL, order: Order, after: ListKey | null): SQL {
  if (after === null) return ALL;
  return order === "asc" ? sql`${leadId} > ${after.leadId}` : sql`${leadId} < ${after.leadId}`;
}

/** A date that no owner's local date can precede for a lead received from this instant on. */
function dayBefore(from: number): string {
  return new Date(Math.max(from - DAY_SLACK_MS, 0)).toISOString().slice(0, 10);
}

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
