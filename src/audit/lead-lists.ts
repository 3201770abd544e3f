import type { SQL } from "drizzle-orm";
import { smallestLeadId } from "../intake/lead-id.ts";
import { leadColumns, type LeadRow } from "../intake/leads.ts";
import { query, sql, transaction } from "../storage/query.ts";
import { cutPage, SCAN_LIMIT, type Page } from "./page.ts";

/** Which leads are wanted; null = any. */
export interface LeadFilter {
  /** Lower case, as leads are stored. */
  readonly email: string | null;
  /** Who has the lead now: the owner of its newest decision. */
  readonly owner: string | null;
  /** When the lead was received, milliseconds since the epoch: `from` inclusive, `to` exclusive. */
  readonly from: number | null;
  readonly to: number | null;
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

/** Where a page ends. In the order of arrival `day` is empty. */
export interface ListKey {
  readonly day: string;
  readonly leadId: string;
}

/** A lead's id is made in the moment it is received; by more than this, in milliseconds, the two never differ. */
const ID_SLACK_MS = 1_000;
/** A local date differs from the UTC date by at most a day; another covers clocks that disagree. In milliseconds. */
const DAY_SLACK_MS = 2 * 24 * 60 * 60 * 1000;
const ALL = sql`1`;

/** Leads and the key they are ordered by, in bounded number: columns `day`, `lead_id`, `generation`. */
interface Source {
  readonly scanned: SQL;
  readonly scanLimit: number;
  /** What a scanned row `s`, with its lead `l` and that one's newest decision `d`, must satisfy. */
  readonly matches: SQL;
}

/**
 * Leads, newest first: in the order of arrival, or, where only an owner is asked for, by the day they got
 * them (the order of the index that serves it). What no index serves is filtered from a bounded scan.
 */
export async function listLeads(
  db: D1Database,
  filter: LeadFilter,
  limit: number,
  after: ListKey | null,
): Promise<Page<ListedLead, ListKey>> {
  const { scanned, scanLimit, matches } =
    filter.owner !== null && filter.email === null
      ? scanOwner(filter.owner, filter, after)
      : scanArrivals(filter, limit, after);
  const [found, [scan]] = await transaction(db, [
    query<ListedLead>(sql`
      WITH scanned AS MATERIALIZED (${scanned})
      SELECT ${leadColumns}, d.generation, d.outcome, d.owner_id AS ownerId, d.pod_id AS podId, d.rule,
        d.decided_at AS decidedAt, s.day
      FROM scanned s
      CROSS JOIN leads l ON l.id = s.lead_id
      LEFT JOIN decisions d ON d.lead_id = l.id
        AND d.generation = (SELECT max(n.generation) FROM decisions n WHERE n.lead_id = l.id)
      WHERE ${matches}
      ORDER BY s.day DESC, s.lead_id DESC LIMIT ${limit + 1}`),
    query<{ count: number; day: string; leadId: string }>(sql`
      WITH scanned AS MATERIALIZED (${scanned})
      SELECT count(*) OVER () AS count, day, lead_id AS leadId FROM scanned ORDER BY day, lead_id LIMIT 1`),
  ]);
  const last = scan === undefined ? null : { day: scan.day, leadId: scan.leadId };
  const keyOf = ({ day, id }: ListedLead): ListKey => ({ day, leadId: id });
  return cutPage(found, limit, keyOf, { count: scan?.count ?? 0, last }, scanLimit);
}

function scanArrivals(filter: LeadFilter, limit: number, after: ListKey | null): Source {
  const { email, owner, from, to } = filter;
  // Without an owner every scanned lead matches: one more than the page holds tells whether there is another.
  const scanLimit = owner === null ? limit + 1 : SCAN_LIMIT;
  return {
    scanned: sql`
      SELECT '' AS day, l.id AS lead_id, NULL AS generation FROM leads l
      WHERE ${received(filter)}
        AND ${email === null ? ALL : sql`l.email = ${email}`}
        AND ${after === null ? ALL : sql`l.id < ${after.leadId}`}
        AND ${from === null ? ALL : sql`l.id >= ${smallestLeadId(from - ID_SLACK_MS)}`}
        AND ${to === null ? ALL : sql`l.id < ${smallestLeadId(to + ID_SLACK_MS)}`}
      ORDER BY l.id DESC LIMIT ${scanLimit}`,
    scanLimit,
    matches: owner === null ? ALL : sql`d.owner_id = ${owner}`,
  };
}

function scanOwner(owner: string, filter: LeadFilter, after: ListKey | null): Source {
  const { from } = filter;
  return {
    scanned: sql`
      SELECT d.day, d.lead_id, d.generation FROM decisions d
      WHERE d.owner_id = ${owner}
        AND ${after === null ? ALL : sql`(d.day, d.lead_id) < (${after.day}, ${after.leadId})`}
        AND ${from === null ? ALL : sql`d.day >= ${dayBefore(from)}`}
      ORDER BY d.day DESC, d.lead_id DESC, d.generation DESC LIMIT ${SCAN_LIMIT}`,
    scanLimit: SCAN_LIMIT,
    // A lead that somebody else has by now, or that came back to the owner later, is not listed here.
    matches: sql`d.generation = s.generation AND ${received(filter)}`,
  };
}

function received({ from, to }: LeadFilter): SQL {
  return sql`${from === null ? ALL : sql`l.received_at >= ${from}`} AND ${to === null ? ALL : sql`l.received_at < ${to}`}`;
}

/** A date that no owner's local date can precede for a lead received from this instant on. */
function dayBefore(from: number): string {
  return new Date(Math.max(from - DAY_SLACK_MS, 0)).toISOString().slice(0, 10);
}
