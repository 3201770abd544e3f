import { appendCommit, insertEventsFrom } from "../record/events.ts";
import type { Deps } from "../ports/deps.ts";
import { query, rows, sql, transaction } from "../lib/query.ts";
import { MEMBER_DETAIL } from "./members.ts";
import { podsOfRep, pushRosters } from "./push-roster.ts";
import { readRep, REP_DETAIL, stillAs, type Rep } from "./reps.ts";
import { kindOfEvent, type EventKey, type Removal } from "./roster-events.ts";
import type { Overtaken } from "./seen.ts";

/**
 * Deactivates a rep, if they stand as they were seen, and takes them out of every pod, each with an audit event of its
 * own, in one transaction. The rep's row stays, because decisions name it. Not found: no such rep, or one who is
 * deactivated already.
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
  const still = stillAs(repId, seen);
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
  // Which pods an earlier deactivation was not confirmed by is not known any more: all of them are told.
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
    ...current.map(({ pod_id }) => pod_id),
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

function repLeaves({ subjectId, id }: EventKey) {
  return sql`
    SELECT 'rep' AS subject_type, r.id AS subject_id, ${id} AS id, 'rep_deactivated' AS kind,
      json_object('before', ${REP_DETAIL}, 'after', json_set(${REP_DETAIL}, '$.active', json('false'))) AS detail
    FROM reps r WHERE r.id = ${subjectId} AND r.active = 1`;
}

function memberLeaves(repId: string, leaving: ReadonlyMap<string, EventKey>) {
  return sql`
    SELECT 'member', m.pod_id || '/' || m.rep_id, l.value, 'member_removed',
      json_object('before', ${MEMBER_DETAIL}, 'after', NULL)
    FROM json_each(${idsByPod(leaving)}) l JOIN members m ON m.pod_id = l.key AND m.rep_id = ${repId}`;
}
