import type { SQL } from "drizzle-orm";
import { appendCommit, insertEventsFrom } from "../record/events.ts";
import type { Deps } from "../ports/deps.ts";
import { query, rows, sql, writeThenRead, type Query } from "../lib/query.ts";
import type { reps } from "../record/schema.ts";
import type { StoredRow } from "../record/columns.ts";
import { rowsOfJson, type ImportTable, type RowList } from "./import-table.ts";
import { podsOfRep, pushRosters } from "./push-roster.ts";
import {
  changedFields,
  kindOfEvent,
  putOutcome,
  type EventKey,
  type Saved,
} from "./roster-events.ts";
import { isOvertaken, type Overtaken, type Seen } from "./seen.ts";
import type { WorkingHours } from "../ports/roster.ts";

/** What can be said of a rep. */
export interface RepValues {
  readonly name: string;
  readonly email: string | null;
  readonly slackUserId: string | null;
  /** IANA. */
  readonly timeZone: string;
  /** In the rep's own zone; null = at any hour. */
  readonly workingHours: WorkingHours | null;
  /** Leads per local day over all pods, account matches and hand assignments; null = no cap. */
  readonly dailyCap: number | null;
}

export interface Rep extends RepValues {
  readonly id: string;
  /** False once deactivated: the row stays, because decisions name it. */
  readonly active: boolean;
}

type RepRow = Omit<StoredRow<typeof reps>, "rev">;

const COLUMNS = sql`id, name, email, slack_user_id AS slackUserId, time_zone AS timeZone,
  working_hours AS workingHours, daily_cap AS dailyCap, active`;

export async function readRep(db: D1Database, id: string): Promise<Rep | null> {
  const [row] = await rows(db, repById(id));
  return row ? repFromRow(row) : null;
}

/** Up to `limit` reps whose ids come after `after`, by id; deactivated ones too. */
export async function listReps(db: D1Database, after: string, limit: number): Promise<Rep[]> {
  const page = query<RepRow>(
    sql`SELECT ${COLUMNS} FROM reps WHERE id > ${after} ORDER BY id LIMIT ${limit}`,
  );
  return (await rows(db, page)).map(repFromRow);
}

/**
 * Creates the rep, replaces what is said of them, or re-activates them, if they stand as they were seen; then hands the change
 * to their pods.
 */
export async function putRep(
  deps: Deps,
  actor: string,
  id: string,
  values: RepValues,
): Promise<Saved<Rep>>;
export async function putRep(
  deps: Deps,
  actor: string,
  id: string,
  values: RepValues,
  seen: Seen<Rep>,
): Promise<Saved<Rep> | Overtaken>;
export async function putRep(
  deps: Deps,
  actor: string,
  id: string,
  values: RepValues,
  seen?: Seen<Rep>,
): Promise<Saved<Rep> | Overtaken> {
  const at = deps.now();
  const event: EventKey = { subjectType: "rep", subjectId: id, id: deps.newId() };
  const list = rowsOfJson(JSON.stringify([{ ...values, id, eventId: event.id }]));
  const still = stillAs(id, seen);
  const [events, [row], pods] = await writeThenRead(
    deps.db,
    [
      insertEventsFrom(actor, at, sql`SELECT * FROM (${repsPut(list)}) WHERE ${still}`),
      upsertReps(list, still),
      appendCommit(at, [], [event]),
    ],
    [kindOfEvent(event), repById(id), podsOfRep(id)],
  );
  if (events.length === 0 && isOvertaken(seen, row ? repFromRow(row) : null))
    return { outcome: "overtaken" };
  if (!row) throw new Error("a rep just written is not there");
  const podIds = pods.map(({ pod_id }) => pod_id);
  return {
    outcome: putOutcome(events),
    value: repFromRow(row),
    unconfirmed: await pushRosters(deps, podIds),
  };
}

/** JSON of what routing knows of the rep `r`. */
export const REP_DETAIL = sql`json_object('timeZone', r.time_zone, 'workingHours', json(r.working_hours),
  'dailyCap', r.daily_cap, 'active', json(iif(r.active, 'true', 'false')))`;

/** Reps as lists of them are imported. Their pods are to be handed the change afterwards. */
export const REPS: ImportTable<RepValues & { readonly id: string }> = {
  subjectType: "rep",
  key: "id",
  events: repsPut,
  upsert: (list) => upsertReps(list, sql`true`),
};

/** Whether the rep stands as they were seen: an expression. */
export function stillAs(id: string, seen: Seen<Rep>): SQL {
  if (seen === undefined) return sql`true`;
  if (seen === null) return sql`NOT EXISTS (SELECT 1 FROM reps s WHERE s.id = ${id})`;
  const hours = seen.workingHours === null ? null : JSON.stringify(seen.workingHours);
  return sql`EXISTS (
    SELECT 1 FROM reps s WHERE s.id = ${id}
      AND (s.name, s.email, s.slack_user_id, s.time_zone, json(s.working_hours), s.daily_cap, s.active) IS
        (${seen.name}, ${seen.email}, ${seen.slackUserId}, ${seen.timeZone}, ${hours}, ${seen.dailyCap}, ${seen.active}))`;
}

/** What the row `n` says, in the order of the columns of `reps`. */
const VALUES = sql`n.value ->> 'name', n.value ->> 'email', n.value ->> 'slackUserId', n.value ->> 'timeZone',
  nullif(n.value -> 'workingHours', 'null'), n.value ->> 'dailyCap'`;

function repsPut(list: RowList): SQL {
  const changed = changedFields({
    name: [sql`r.name`, sql`n.value ->> 'name'`],
    email: [sql`r.email`, sql`n.value ->> 'email'`],
    slackUserId: [sql`r.slack_user_id`, sql`n.value ->> 'slackUserId'`],
  });
  return sql`
    SELECT 'rep' AS subject_type, n.value ->> 'id' AS subject_id, n.value ->> 'eventId' AS id,
      iif(r.id IS NULL, 'rep_created', 'rep_changed') AS kind,
      json_object('before', json(iif(r.id IS NULL, NULL, ${REP_DETAIL})),
        'after', json_object('timeZone', n.value ->> 'timeZone', 'workingHours', json(n.value -> 'workingHours'),
          'dailyCap', n.value ->> 'dailyCap', 'active', json('true')),
        'changed', ${changed}) AS detail
    FROM ${list} n LEFT JOIN reps r ON r.id = n.value ->> 'id'
    WHERE r.id IS NULL
      OR (r.name, r.email, r.slack_user_id, r.time_zone, r.working_hours, r.daily_cap, r.active) IS NOT (${VALUES}, 1)`;
}

// A row that already says so is left alone: the triggers would raise its revision and its pods' versions.
function upsertReps(list: RowList, condition: SQL): Query {
  return query(sql`
    INSERT INTO reps (id, name, email, slack_user_id, time_zone, working_hours, daily_cap)
    SELECT n.value ->> 'id', ${VALUES} FROM ${list} n WHERE ${condition}
    ON CONFLICT (id) DO UPDATE SET name = excluded.name, email = excluded.email,
      slack_user_id = excluded.slack_user_id, time_zone = excluded.time_zone,
      working_hours = excluded.working_hours, daily_cap = excluded.daily_cap, active = 1
    WHERE (name, email, slack_user_id, time_zone, working_hours, daily_cap, active) IS NOT
      (excluded.name, excluded.email, excluded.slack_user_id, excluded.time_zone, excluded.working_hours,
        excluded.daily_cap, 1)`);
}

function repById(id: string): Query<RepRow> {
  return query(sql`SELECT ${COLUMNS} FROM reps WHERE id = ${id}`);
}

function repFromRow(row: RepRow): Rep {
  const workingHours: WorkingHours | null =
    row.workingHours === null ? null : JSON.parse(row.workingHours);
  return { ...row, workingHours, active: row.active === 1 };
}
