import type { SQL } from "drizzle-orm";
import type { Lead } from "../rules/lead.ts";
import type { MatchedAccount } from "../rules/rule.ts";
import { query, sql, type Query } from "../lib/query.ts";
import { findUnavailability } from "./availability.ts";
import { type Span } from "../ports/roster.ts";
import { localDay } from "./calendar.ts";
import type { WorkingHours } from "../ports/roster.ts";

interface MatchedAccountRow {
  lead_id: string;
  domain: string;
  name: string;
  owner_id: string;
  rev: number | null;
  active: 0 | 1;
  time_zone: string;
  working_hours: string | null;
  absences: string;
}

/** The accounts whose domain is the company domain of these leads, each with its owner as D1 has them now. */
export function accountsOfLeads(leadIds: readonly string[], now: number): Query<MatchedAccountRow> {
  const stored = sql`
    SELECT l.id, l.company_domain AS domain
    FROM json_each(${JSON.stringify(leadIds)}) j CROSS JOIN leads l ON l.id = j.value`;
  return accountsOf(stored, now);
}

/** The same for one lead that need not be stored: one row, or none. */
export function accountOfDomain(
  { id, companyDomain }: Pick<Lead, "id" | "companyDomain">,
  now: number,
): Query<MatchedAccountRow> {
  return accountsOf(sql`SELECT ${id} AS id, ${companyDomain} AS domain`, now);
}

/** @param leads yields each lead's `id` and company `domain` */
function accountsOf(leads: SQL, now: number): Query<MatchedAccountRow> {
  return query<MatchedAccountRow>(sql`
    SELECT l.id AS lead_id, a.domain, a.name, a.owner_id, r.rev, r.active, r.time_zone, r.working_hours, (
      SELECT json_group_array(json_object('from', x.from_at, 'until', x.until_at))
      FROM absences x WHERE x.rep_id = r.id AND x.until_at > ${now}
    ) AS absences
    FROM (${leads}) l
    CROSS JOIN accounts a ON a.domain = l.domain
    LEFT JOIN reps r ON r.id = a.owner_id`);
}

export function accountFromRow(row: MatchedAccountRow, now: number): MatchedAccount {
  const account = {
    domain: row.domain,
    name: row.name,
    ownerId: row.owner_id,
  };
  if (row.rev === null) return { ...account, owner: null };
  const active = row.active === 1;
  const absences: readonly Span[] = JSON.parse(row.absences);
  const workingHours: WorkingHours | null =
    row.working_hours === null ? null : JSON.parse(row.working_hours);
  const unavailable = findUnavailability(
    { active, timeZone: row.time_zone, workingHours, absences },
    now,
  );
  return {
    ...account,
    owner: {
      repId: row.owner_id,
      rev: row.rev,
      active,
      day: localDay(row.time_zone, now),
      unavailable: unavailable?.reason ?? null,
    },
  };
}
