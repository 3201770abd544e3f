import { query, type Query, sql } from "../lib/query.ts";
import { epochNow } from "../record/marks.ts";
import type { Roster } from "../ports/roster.ts";

interface RosterRow {
  pod_id: string;
  version: number;
  /** JSON text of `Roster["members"]`. */
  members: string;
  /** The epoch D1 is in: a pod compares versions only within one. */
  epoch: number;
}

/** Absences that ended are history; the pod's clock may lag D1's caller by this much, in milliseconds. */
const CLOCK_SLACK_MS = 24 * 60 * 60 * 1000;

/** The rosters of these pods at one instant of D1. A pod that never had a member has none. */
export function rosterRows(podIds: readonly string[], now: number): Query<RosterRow> {
  return query<RosterRow>(sql`
    SELECT v.pod_id, v.version, (
      SELECT json_group_array(json_object(
        'repId', m.rep_id, 'weight', m.weight, 'dailyCap', m.daily_cap, 'openCap', m.open_cap,
        'ownDailyCap', r.daily_cap, 'timeZone', r.time_zone,
        'workingHours', json(r.working_hours),
        'absences', json((
          SELECT json_group_array(json_object('from', a.from_at, 'until', a.until_at))
          FROM absences a WHERE a.rep_id = r.id AND a.until_at > ${now - CLOCK_SLACK_MS}
        )),
        'active', json(iif(r.active, 'true', 'false'))
      ) ORDER BY m.joined_at, m.rep_id)
      FROM members m JOIN reps r ON r.id = m.rep_id WHERE m.pod_id = v.pod_id
    ) AS members, ${epochNow} AS epoch
    FROM json_each(${JSON.stringify(podIds)}) p JOIN pod_versions v ON v.pod_id = p.value`);
}

export function rosterFromRow(row: RosterRow): Roster {
  return { podId: row.pod_id, version: row.version, members: JSON.parse(row.members) };
}

/** The versions of these pods; triggers raise them with every change a roster shows. */
export function podVersions(podIds: readonly string[]): Query<{ pod_id: string; version: number }> {
  return query(sql`
    SELECT v.pod_id, v.version FROM json_each(${JSON.stringify(podIds)}) p
    CROSS JOIN pod_versions v ON v.pod_id = p.value`);
}

/** The revisions of these reps; triggers raise them with every change of the rep or their absences. */
export function repRevisions(repIds: readonly string[]): Query<{ id: string; rev: number }> {
  return query(sql`
    SELECT r.id, r.rev FROM json_each(${JSON.stringify(repIds)}) j CROSS JOIN reps r ON r.id = j.value`);
}
