import type { SQL } from "drizzle-orm";
import { query, rows, sql, transaction } from "../lib/query.ts";
import type { Deps } from "../ports/deps.ts";
import { except } from "../record/columns.ts";
import { appendCommit, insertEventsFrom } from "../record/events.ts";
import { reps } from "../record/schema.ts";
import { MEMBERS } from "./members.ts";
import { handOn, podsOfRep, pushRosters } from "./roster.ts";
import {
  detailOf,
  type EventKey,
  kindOfEvent,
  listRows,
  type Overtaken,
  putRow,
  readRow,
  type Removal,
  type RosterTable,
  type Saved,
  type Seen,
  stillAs,
} from "./table.ts";

/**
 * Somebody who gets leads. Not `active` once deactivated: the row stays, because decisions name it. `workingHours` in the
 * rep's own time zone, null = at any hour. `dailyCap` is leads per local day over all pods, account matches and hand
 * assignments, null = no cap.
 */
export type Rep = Readonly<Omit<typeof reps.$inferSelect, "rev">>;
/** What can be said of a rep. */
export type RepValues = Omit<Rep, "id" | "active">;

/** Their pods are to be handed each change. */
export const REPS: RosterTable<Rep> = {
  subjectType: "rep",
  added: "created",
  table: reps,
  columns: except(reps, "rev"),
  key: ["id"],
  personal: ["name", "email", "slackUserId"],
  detail: ({ timeZone, workingHours, dailyCap, active }) => sql`json_object('timeZone', ${timeZone},
    'workingHours', json(${workingHours}), 'dailyCap', ${dailyCap}, 'active', json(iif(${active}, 'true', 'false')))`,
};

export function readRep(db: D1Database, id: string) {
  return readRow(db, REPS, { id });
}

/** Up to `limit` reps whose ids come after `after`, by id; deactivated ones too. */
export function listReps(db: D1Database, after: string, limit: number) {
  return listRows(db, REPS, after, limit);
}

/**
 * Creates the rep, replaces what is said of them, or re-activates them, if they are still as they were seen; then hands the
 * change to their pods.
 */
export async function putRep(
  deps: Deps,
  actor: string,
  id: string,
  values: RepValues,
  seen?: Seen<Rep>,
): Promise<Saved<Rep> | Overtaken> {
  const rep: Rep = { ...values, id, active: true };
  const put = await putRow(deps, actor, REPS, rep, seen, podsOfRep(id));
  return await handOn(
    deps,
    put,
    put.also.map(({ podId }) => podId),
  );
}

/**
 * Deactivates a rep, if they are still as they were seen, and takes them out of every pod, each with an audit event of its
 * own, in one transaction. Not found: no such rep, or one who is deactivated already.
 */
export async function deactivateRep(
  deps: Deps,
  actor: string,
  repId: string,
  seen?: Rep,
): Promise<Removal | Overtaken> {
  const at = deps.now();
  const event: EventKey = { subjectType: "rep", subjectId: repId, id: deps.newId() };
  const leaving = await nameLeavings(deps, repId);
  const still = stillAs(REPS, { id: repId }, seen);
  const [, removed, , , events] = await transaction(deps.db, [
    insertEventsFrom(
      actor,
      at,
      sql`SELECT * FROM (${repLeaves(event)} UNION ALL ${memberLeaves(repId, leaving)}) WHERE ${still}`,
    ),
    query<{ pod_id: string }>(sql`
      DELETE FROM members
      WHERE rep_id = ${repId} AND pod_id IN (SELECT key FROM json_each(${idsByPod(leaving)})) AND ${still}
      RETURNING pod_id`),
    query(sql`UPDATE reps SET active = 0 WHERE id = ${repId} AND active = 1 AND ${still}`),
    appendCommit(at, [], [event, ...leaving.values()]),
    kindOfEvent(event),
  ]);
  if (events.length > 0) {
    const podIds = removed.map(({ pod_id }) => pod_id);
    return { outcome: "removed", unconfirmed: await pushRosters(deps, podIds) };
  }
  const rep = await readRep(deps.db, repId);
  if (rep?.active === true) return { outcome: "overtaken" };
  // It is not known any more which pods did not confirm an earlier deactivation: all of them are handed their roster.
  const podIds = rep !== null ? deps.chain.pods.map(({ id }) => id) : [];
  return { outcome: "not_found", unconfirmed: await pushRosters(deps, podIds) };
}

/**
 * An event for each pod the rep may be in when the transaction runs: those they are in now, and those that
 * somebody may just be adding them to, which are pods of the chain.
 */
async function nameLeavings(deps: Deps, repId: string): Promise<ReadonlyMap<string, EventKey>> {
  const current = await rows(deps.db, podsOfRep(repId));
  const podIds = new Set([
    ...current.map(({ podId }) => podId),
    ...deps.chain.pods.map(({ id }) => id),
  ]);
  return new Map(
    [...podIds].map((podId) => [
      podId,
      { subjectType: "member", subjectId: `${podId}/${repId}`, id: deps.newId() },
    ]),
  );
}

function idsByPod(leaving: ReadonlyMap<string, EventKey>): string {
  return JSON.stringify(Object.fromEntries([...leaving].map(([podId, { id }]) => [podId, id])));
}

function repLeaves({ subjectId, id }: EventKey): SQL {
  const before = detailOf(REPS);
  return sql`
    SELECT 'rep' AS subject_type, reps.id AS subject_id, ${id} AS id, 'rep_deactivated' AS kind,
      json_object('before', ${before}, 'after', json_set(${before}, '$.active', json('false'))) AS detail
    FROM reps WHERE reps.id = ${subjectId} AND active = 1`;
}

function memberLeaves(repId: string, leaving: ReadonlyMap<string, EventKey>): SQL {
  return sql`
    SELECT 'member', members.pod_id || '/' || members.rep_id, l.value, 'member_removed',
      json_object('before', ${detailOf(MEMBERS)}, 'after', NULL)
    FROM json_each(${idsByPod(leaving)}) l JOIN members ON members.pod_id = l.key AND members.rep_id = ${repId}`;
}
