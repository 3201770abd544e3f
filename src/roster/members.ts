import type { SQL } from "drizzle-orm";
import { appendCommit, insertEventsFrom } from "../record/events.ts";
import type { Deps } from "../ports/deps.ts";
import { query, rows, sql, writeThenRead, type Query } from "../lib/query.ts";
import type { members } from "../record/schema.ts";
import type { StoredRow } from "../record/columns.ts";
import { pushRosters } from "./push-roster.ts";
import {
  isoInstant,
  kindOfEvent,
  putOutcome,
  type EventKey,
  type Removal,
  type Saved,
} from "./roster-events.ts";
import { isOvertaken, type Overtaken, type Seen } from "./seen.ts";

/** A rep's settings in one pod. */
export interface MemberValues {
  /** 1 to 1,000: share of the pod's leads relative to the other members'. */
  readonly weight: number;
  /** Leads per local day in this pod; null = the pod's default. */
  readonly dailyCap: number | null;
  /** Open leads in this pod; null = the pod's default. */
  readonly openCap: number | null;
}

export interface Member extends MemberValues {
  readonly podId: string;
  readonly repId: string;
  /** Milliseconds since the epoch: join order is the last tie-break of the pod's ledger. */
  readonly joinedAt: number;
}

export type MemberRefused =
  | { readonly outcome: "unknown_pod" }
  | { readonly outcome: "unknown_rep" }
  | { readonly outcome: "inactive_rep" };

const COLUMNS = sql`pod_id AS podId, rep_id AS repId, weight, daily_cap AS dailyCap, open_cap AS openCap,
  joined_at AS joinedAt`;

/** The members of these pods, pod by pod in join order. */
export async function listMembers(db: D1Database, podIds: readonly string[]): Promise<Member[]> {
  return await rows(
    db,
    query<StoredRow<typeof members>>(sql`
      SELECT ${COLUMNS} FROM json_each(${JSON.stringify(podIds)}) p CROSS JOIN members m ON m.pod_id = p.value
      ORDER BY p.key, joined_at, rep_id`),
  );
}

/** A rep's settings in a pod; null when they are no member. */
export async function readMember(
  db: D1Database,
  podId: string,
  repId: string,
): Promise<Member | null> {
  const [member] = await rows(db, memberByKey(podId, repId));
  return member ?? null;
}

/**
 * Adds an active rep to a pod of the chain, or changes their settings there, if they stand as they were seen; then hands the
 * pod its roster.
 */
export async function putMember(
  deps: Deps,
  actor: string,
  podId: string,
  repId: string,
  values: MemberValues,
  seen?: Seen<Member>,
): Promise<Saved<Member> | MemberRefused | Overtaken> {
  if (!deps.chain.pods.some((pod) => pod.id === podId)) return { outcome: "unknown_pod" };
  const at = deps.now();
  const event = nameEvent(deps, podId, repId);
  const still = stillAs(podId, repId, seen);
  const [events, [member], [rep]] = await writeThenRead(
    deps.db,
    [
      insertEventsFrom(actor, at, sql`${memberPut(event, podId, repId, values, at)} AND ${still}`),
      upsertMember(podId, repId, values, at, still),
      appendCommit(at, [], [event]),
    ],
    [kindOfEvent(event), memberByKey(podId, repId), activity(repId)],
  );
  if (!rep) return { outcome: "unknown_rep" };
  if (rep.active === 0) return { outcome: "inactive_rep" };
  if (events.length === 0 && isOvertaken(seen, member ?? null)) return { outcome: "overtaken" };
  if (!member) throw new Error("a member just written is not there");
  return {
    outcome: putOutcome(events),
    value: member,
    unconfirmed: await pushRosters(deps, [podId]),
  };
}

/**
 * Takes a rep out of a pod, also out of one that left the chain, if they stand as they were seen; then hands the pod its roster.
 */
export async function removeMember(
  deps: Deps,
  actor: string,
  podId: string,
  repId: string,
  seen?: Member,
): Promise<Removal | Overtaken> {
  const at = deps.now();
  const event = nameEvent(deps, podId, repId);
  const still = stillAs(podId, repId, seen);
  const removal = sql`
    SELECT 'member' AS subject_type, ${event.subjectId} AS subject_id, ${event.id} AS id, 'member_removed' AS kind,
      json_object('before', ${MEMBER_DETAIL}, 'after', NULL) AS detail
    FROM members m WHERE m.pod_id = ${podId} AND m.rep_id = ${repId} AND ${still}`;
  const [events, [found]] = await writeThenRead(
    deps.db,
    [
      insertEventsFrom(actor, at, removal),
      query(sql`DELETE FROM members WHERE pod_id = ${podId} AND rep_id = ${repId} AND ${still}`),
      appendCommit(at, [], [event]),
    ],
    [kindOfEvent(event), memberByKey(podId, repId)],
  );
  if (found !== undefined) return { outcome: "overtaken" };
  return {
    outcome: events.length > 0 ? "removed" : "not_found",
    unconfirmed: await pushRosters(deps, [podId]),
  };
}

/** JSON of what routing knows of the member `m`. */
export const MEMBER_DETAIL = sql`json_object('weight', m.weight, 'dailyCap', m.daily_cap, 'openCap', m.open_cap,
  'joinedAt', ${isoInstant(sql`m.joined_at`)})`;

function nameEvent(deps: Deps, podId: string, repId: string): EventKey {
  return { subjectType: "member", subjectId: `${podId}/${repId}`, id: deps.newId() };
}

/** Whether the member stands as they were seen: an expression. */
function stillAs(podId: string, repId: string, seen: Seen<Member>): SQL {
  if (seen === undefined) return sql`true`;
  const member = sql`SELECT 1 FROM members s WHERE s.pod_id = ${podId} AND s.rep_id = ${repId}`;
  if (seen === null) return sql`NOT EXISTS (${member})`;
  const { weight, dailyCap, openCap, joinedAt } = seen;
  return sql`EXISTS (${member} AND
    (s.weight, s.daily_cap, s.open_cap, s.joined_at) IS (${weight}, ${dailyCap}, ${openCap}, ${joinedAt}))`;
}

function memberPut(
  event: EventKey,
  podId: string,
  repId: string,
  values: MemberValues,
  at: number,
) {
  const { weight, dailyCap, openCap } = values;
  const joinedAt = isoInstant(sql`coalesce(m.joined_at, ${at})`);
  return sql`
    SELECT 'member' AS subject_type, ${event.subjectId} AS subject_id, ${event.id} AS id,
      iif(m.rep_id IS NULL, 'member_added', 'member_changed') AS kind,
      json_object('before', json(iif(m.rep_id IS NULL, NULL, ${MEMBER_DETAIL})),
        'after', json_set(${JSON.stringify({ weight, dailyCap, openCap })}, '$.joinedAt', ${joinedAt})) AS detail
    FROM reps r LEFT JOIN members m ON m.pod_id = ${podId} AND m.rep_id = r.id
    WHERE r.id = ${repId} AND r.active = 1
      AND (m.rep_id IS NULL OR (m.weight, m.daily_cap, m.open_cap) IS NOT (${weight}, ${dailyCap}, ${openCap}))`;
}

// A row that already says so is left alone: the triggers would raise the pod's version.
function upsertMember(
  podId: string,
  repId: string,
  values: MemberValues,
  at: number,
  condition: SQL,
): Query {
  return query(sql`
    INSERT INTO members (pod_id, rep_id, weight, daily_cap, open_cap, joined_at)
    SELECT ${podId}, r.id, ${values.weight}, ${values.dailyCap}, ${values.openCap}, ${at}
    FROM reps r WHERE r.id = ${repId} AND r.active = 1 AND ${condition}
    ON CONFLICT (pod_id, rep_id) DO UPDATE SET
      weight = excluded.weight, daily_cap = excluded.daily_cap, open_cap = excluded.open_cap
    WHERE (weight, daily_cap, open_cap) IS NOT (excluded.weight, excluded.daily_cap, excluded.open_cap)`);
}

function memberByKey(podId: string, repId: string): Query<StoredRow<typeof members>> {
  return query(sql`SELECT ${COLUMNS} FROM members WHERE pod_id = ${podId} AND rep_id = ${repId}`);
}

function activity(repId: string): Query<{ active: 0 | 1 }> {
  return query(sql`SELECT active FROM reps WHERE id = ${repId}`);
}
