import { eq } from "drizzle-orm";
import { builder, built, query, type Query, rows, sql } from "../lib/query.ts";
import { only } from "../record/columns.ts";
import { members, reps } from "../record/schema.ts";
import type { Overtaken, PutOutcome, Saved } from "./table.ts";
import { epochNow } from "../record/marks.ts";
import type { Roster } from "../ports/roster.ts";
import type { Deps } from "../ports/deps.ts";
import { classifyFailure } from "../lib/failure.ts";

type Handing = Pick<Deps, "db" | "now" | "pod" | "log">;

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

/** The pods this rep is a member of. */
export function podsOfRep(repId: string): Query<{ podId: string }> {
  const podIds = builder.select(only(members, "podId")).from(members);
  return built(podIds.where(eq(members.repId, repId)).orderBy(members.podId));
}

/** Whether this rep is active: one row, or none when there is no such rep. */
export function activityOf(repId: string): Query<{ active: boolean }> {
  return built(builder.select(only(reps, "active")).from(reps).where(eq(reps.id, repId)));
}

/** Hands a row that was put to these pods. */
export async function handOn<Row>(
  deps: Handing,
  { outcome, found }: { readonly outcome: PutOutcome | "overtaken"; readonly found: Row | null },
  podIds: readonly string[],
): Promise<Saved<Row> | Overtaken> {
  if (outcome === "overtaken") return { outcome };
  if (found === null) throw new Error("a row just written is not there");
  return { outcome, value: found, unconfirmed: await pushRosters(deps, podIds) };
}

/**
 * Hands each of these pods its roster as D1 has it, and waits: what was acknowledged to the caller must not be undone by a
 * pod that draws by an older roster. A pod that never had a member has no roster to be handed.
 * @returns the pods that have not confirmed; they may or may not have got it. Never rejects.
 */
export async function pushRosters(
  deps: Handing,
  podIds: readonly string[],
): Promise<readonly string[]> {
  if (podIds.length === 0) return [];
  try {
    const rosters = await rows(deps.db, rosterRows(podIds, deps.now()));
    const unconfirmed = await Promise.all(
      rosters.map(async (row) => ((await confirms(deps, row)) ? [] : [row.pod_id])),
    );
    return unconfirmed.flat();
  } catch (error) {
    const failure = classifyFailure(error);
    deps.log("warn", "roster_read_failed", { pods: podIds.length, failure });
    return podIds;
  }
}

async function confirms({ pod, log }: Handing, row: RosterRow): Promise<boolean> {
  try {
    return (await pod(row.pod_id).accept(rosterFromRow(row), row.epoch)) >= row.version;
  } catch (error) {
    log("warn", "roster_push_failed", { pod: row.pod_id, failure: classifyFailure(error) });
    return false;
  }
}
