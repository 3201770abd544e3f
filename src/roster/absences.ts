import { appendCommit, insertEventsFrom } from "../record/events.ts";
import type { Deps } from "../ports/deps.ts";
import { query, rows, sql, writeThenRead, type Query } from "../lib/query.ts";
import type { Span } from "../ports/roster.ts";
import { podsOfRep, pushRosters } from "./push-roster.ts";
import {
  changedFields,
  isoInstant,
  kindOfEvent,
  putOutcome,
  type EventKey,
  type Removal,
  type Saved,
} from "./roster-events.ts";

/** `from` inclusive, `until` exclusive and after it, in milliseconds since the epoch. */
export interface AbsenceValues extends Span {
  readonly note: string | null;
}

export interface Absence extends AbsenceValues {
  readonly id: string;
  readonly repId: string;
}

const COLUMNS = sql`id, rep_id AS repId, from_at AS "from", until_at AS "until", note`;

export async function readAbsence(
  db: D1Database,
  repId: string,
  id: string,
): Promise<Absence | null> {
  const [absence] = await rows(db, absenceByKey(repId, id));
  return absence ?? null;
}

/** Up to `limit` absences of the rep whose ids come after `after`, by id; past ones too. */
export async function listAbsences(
  db: D1Database,
  repId: string,
  after: string,
  limit: number,
): Promise<Absence[]> {
  return await rows(
    db,
    query<Absence>(sql`
      SELECT ${COLUMNS} FROM absences WHERE rep_id = ${repId} AND id > ${after} ORDER BY id LIMIT ${limit}`),
  );
}

/** Adds or replaces an absence, then hands the change to the rep's pods. */
export async function putAbsence(
  deps: Deps,
  actor: string,
  repId: string,
  id: string,
  values: AbsenceValues,
): Promise<Saved<Absence> | { readonly outcome: "unknown_rep" }> {
  const at = deps.now();
  const event = nameEvent(deps, repId, id);
  const [events, [absence], pods] = await writeThenRead(
    deps.db,
    [
      insertEventsFrom(actor, at, absencePut(event, repId, id, values)),
      upsertAbsence(repId, id, values),
      appendCommit(at, [], [event]),
    ],
    [kindOfEvent(event), absenceByKey(repId, id), podsOfRep(repId)],
  );
  if (!absence) return { outcome: "unknown_rep" };
  const podIds = pods.map(({ pod_id }) => pod_id);
  return {
    outcome: putOutcome(events),
    value: absence,
    unconfirmed: await pushRosters(deps, podIds),
  };
}

/** Removes an absence, then hands the change to the rep's pods. */
export async function removeAbsence(
  deps: Deps,
  actor: string,
  repId: string,
  id: string,
): Promise<Removal> {
  const at = deps.now();
  const event = nameEvent(deps, repId, id);
  const removal = sql`
    SELECT 'absence' AS subject_type, ${event.subjectId} AS subject_id, ${event.id} AS id,
      'absence_removed' AS kind, json_object('before', ${DETAIL}, 'after', NULL) AS detail
    FROM absences a WHERE a.rep_id = ${repId} AND a.id = ${id}`;
  const [events, pods] = await writeThenRead(
    deps.db,
    [
      insertEventsFrom(actor, at, removal),
      query(sql`DELETE FROM absences WHERE rep_id = ${repId} AND id = ${id}`),
      appendCommit(at, [], [event]),
    ],
    [kindOfEvent(event), podsOfRep(repId)],
  );
  const podIds = pods.map(({ pod_id }) => pod_id);
  return {
    outcome: events.length > 0 ? "removed" : "not_found",
    unconfirmed: await pushRosters(deps, podIds),
  };
}

/** JSON of what routing knows of the absence `a`. */
const DETAIL = sql`json_object('from', ${isoInstant(sql`a.from_at`)}, 'until', ${isoInstant(sql`a.until_at`)})`;

function nameEvent(deps: Deps, repId: string, id: string): EventKey {
  return { subjectType: "absence", subjectId: `${repId}/${id}`, id: deps.newId() };
}

function absencePut(
  event: EventKey,
  repId: string,
  id: string,
  { from, until, note }: AbsenceValues,
) {
  const after = JSON.stringify({
    from: new Date(from).toISOString(),
    until: new Date(until).toISOString(),
  });
  return sql`
    SELECT 'absence' AS subject_type, ${event.subjectId} AS subject_id, ${event.id} AS id,
      iif(a.id IS NULL, 'absence_added', 'absence_changed') AS kind,
      json_object('before', json(iif(a.id IS NULL, NULL, ${DETAIL})), 'after', json(${after}),
        'changed', ${changedFields({ note: [sql`a.note`, note] })}) AS detail
    FROM reps r LEFT JOIN absences a ON a.rep_id = r.id AND a.id = ${id}
    WHERE r.id = ${repId} AND (a.id IS NULL OR (a.from_at, a.until_at, a.note) IS NOT (${from}, ${until}, ${note}))`;
}

// A row that already says so is left alone: the triggers would raise the rep's revision and the pods' versions.
function upsertAbsence(repId: string, id: string, { from, until, note }: AbsenceValues): Query {
  return query(sql`
    INSERT INTO absences (rep_id, id, from_at, until_at, note)
    SELECT r.id, ${id}, ${from}, ${until}, ${note} FROM reps r WHERE r.id = ${repId}
    ON CONFLICT (rep_id, id) DO UPDATE SET
      from_at = excluded.from_at, until_at = excluded.until_at, note = excluded.note
    WHERE (from_at, until_at, note) IS NOT (excluded.from_at, excluded.until_at, excluded.note)`);
}

function absenceByKey(repId: string, id: string): Query<Absence> {
  return query(sql`SELECT ${COLUMNS} FROM absences WHERE rep_id = ${repId} AND id = ${id}`);
}
