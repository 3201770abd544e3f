import { and, eq, gt, type SQL } from "drizzle-orm";
import type { AnySQLiteColumn, SQLiteTable } from "drizzle-orm/sqlite-core";
import { builder, built, query, type Query, rows, sql, writeThenRead } from "../lib/query.ts";
import type { Deps } from "../ports/deps.ts";
import {
  appendCommit,
  appendCommitOf,
  type AuditEvent,
  insertEventsFrom,
} from "../record/events.ts";
import { canonicalJson } from "../rules/chain.ts";

// What reps, members of pods, absences and accounts have in common: rows that are read by their key and changed one by one or,
// by imports, in lists, each change with an audit event in the same transaction. An event says `before` and `after` with
// all that routing looks at, null where there was or is nothing, so that any past instant can be rebuilt.

type Changing = Pick<Deps, "db" | "now" | "newId">;
type Name<Row> = keyof Row & string;

/** One of those tables. */
export interface RosterTable<Row> {
  /** What the audit calls a row. Its events are of the kinds SUBJECT_added (or _created), _changed and _removed. */
  readonly subjectType: "rep" | "member" | "absence" | "account";
  readonly added: "added" | "created";
  readonly table: SQLiteTable;
  /** Each value of a row, in the order in which answers list them. */
  readonly columns: Readonly<Record<Name<Row>, AnySQLiteColumn>>;
  /** The values that name a row; joined by a slash they are the subject of its events. */
  readonly key: readonly [Name<Row>, ...Name<Row>[]];
  /** Values that a row gets when it is added, and keeps. */
  readonly kept?: readonly Name<Row>[];
  /** Personal data and free text: an event says under `changed` only that they changed. Left out = no value is. */
  readonly personal?: readonly Name<Row>[];
  /** JSON of what routing knows of a row. */
  readonly detail: (row: Readonly<Record<Name<Row>, SQL>>) => SQL;
  /** A join that a new row `n` must meet. */
  readonly needs?: SQL;
}

/**
 * Rows in a FROM clause: a column `value` with each row as a JSON object under the names of its values, and as `eventId` the id
 * of the event that it may become.
 */
export type RowList = SQL;

/** The rows of a JSON text, an array. */
export function rowsOfJson(json: string): RowList {
  return sql`json_each(${json})`;
}

/**
 * What an editor saw of a row before they changed it, null = that there was none: the change is made only if the row is still
 * so in the very transaction that changes it. Undefined = they did not look.
 */
export type Seen<Row> = Row | null | undefined;

/** Somebody else changed the row since it was seen: nothing was done. */
export interface Overtaken {
  readonly outcome: "overtaken";
}

/** How a PUT came out. */
export type PutOutcome = "added" | "changed" | "unchanged";

/** A row that is in D1 as asked. */
export interface Saved<Row> {
  readonly outcome: PutOutcome;
  readonly value: Row;
  /** Pods that have not confirmed the roster: the change is saved, but they may still draw by the older one. */
  readonly unconfirmed: readonly string[];
}

export interface Removal {
  readonly outcome: "removed" | "not_found";
  /** As in {@link Saved}; also for what was not found, because an earlier removal may not have been confirmed. */
  readonly unconfirmed: readonly string[];
}

/** The row of this key, or null. */
export async function readRow<Row>(
  db: D1Database,
  table: RosterTable<Row>,
  key: Partial<Row>,
): Promise<Row | null> {
  const [row] = await rows(db, rowByKey(table, key));
  return row ?? null;
}

/** Up to `limit` rows by the last value of their key, those after `after`; `within` gives the values before it. */
export async function listRows<Row>(
  db: D1Database,
  table: RosterTable<Row>,
  after: string,
  limit: number,
  within: Partial<Row> = {},
): Promise<Row[]> {
  const { columns, key } = table;
  const last = columns[key.at(-1) ?? key[0]];
  const found = selectFrom(table)
    .where(and(sameKey(table, within, key.slice(0, -1)), gt(last, after)))
    .orderBy(last)
    .limit(limit);
  return await rows(db, built(found) as Query<Row>);
}

/** Adds a row or replaces it, if it is still as it was seen; `also` is read in the same transaction. */
export async function putRow<Row, Also>(
  deps: Changing,
  actor: string,
  table: RosterTable<Row>,
  row: Row,
  seen: Seen<Row>,
  also: Query<Also>,
): Promise<{ outcome: PutOutcome | "overtaken"; found: Row | null; also: Also[] }> {
  const still = stillAs(table, row, seen);
  const { kind, ...read } = await changeRow(deps, actor, table, row, [also], ({ id }) => {
    const list = rowsOfJson(JSON.stringify([{ ...row, eventId: id }]));
    return { events: eventsOf(table, list, still), write: upsert(table, list, still) };
  });
  if (kind !== null) return { outcome: kind.endsWith("_changed") ? "changed" : "added", ...read };
  const asSeen = seen === undefined || canonicalJson(seen) === canonicalJson(read.found);
  return { outcome: asSeen ? "unchanged" : "overtaken", ...read };
}

/** Removes a row, if it is still as it was seen; `also` is read in the same transaction. */
export async function removeRow<Row, Also = never>(
  deps: Changing,
  actor: string,
  table: RosterTable<Row>,
  key: Partial<Row>,
  seen: Row | undefined,
  also: readonly Query<Also>[] = [],
): Promise<{ outcome: Removal["outcome"] | "overtaken"; also: Also[] }> {
  const { subjectType } = table;
  const row = sql`FROM ${table.table} WHERE ${sameKey(table, key)} AND ${stillAs(table, key, seen)}`;
  const { kind, found, ...read } = await changeRow(
    deps,
    actor,
    table,
    key,
    also,
    ({ subjectId, id }) => ({
      events: sql`
        SELECT ${subjectType} AS subject_type, ${subjectId} AS subject_id, ${id} AS id,
          ${`${subjectType}_removed`} AS kind, json_object('before', ${detailOf(table)}, 'after', NULL) AS detail
        ${row}`,
      write: query(sql`DELETE ${row}`),
    }),
  );
  if (kind !== null) return { outcome: "removed", ...read };
  return { outcome: found === null ? "not_found" : "overtaken", ...read };
}

/** Makes one change with its event. The event's kind is null when the change found nothing to do. */
async function changeRow<Row, Also>(
  deps: Changing,
  actor: string,
  table: RosterTable<Row>,
  key: Partial<Row>,
  also: readonly Query<Also>[],
  changeOf: (event: EventKey) => { readonly events: SQL; readonly write: Query },
): Promise<{ kind: string | null; found: Row | null; also: Also[] }> {
  const at = deps.now();
  const subjectId = table.key.map((name) => key[name]).join("/");
  const event: EventKey = { subjectType: table.subjectType, subjectId, id: deps.newId() };
  const { events, write } = changeOf(event);
  const [[written], [found = null], ...read] = await writeThenRead(
    deps.db,
    [insertEventsFrom(actor, at, events), write, appendCommit(at, [], [event])],
    [kindOfEvent(event), rowByKey(table, key), ...also],
  );
  return { kind: written?.kind ?? null, found, also: read.flat() };
}

/** Puts a list of rows into their table: in one transaction, with an audit event for each that changes something. */
export function putRows<Row>(
  table: RosterTable<Row>,
  list: RowList,
  actor: string,
  at: number,
): readonly Query[] {
  return [
    insertEventsFrom(actor, at, eventsOf(table, list)),
    upsert(table, list),
    appendCommitOf(at, eventKeysOf(table, list)),
  ];
}

/** A SELECT of the events' keys that these rows have, whether they became events or not. */
export function eventKeysOf<Row>(table: RosterTable<Row>, list: RowList): SQL {
  const subject = subjectOf(table, givenValues(table));
  return sql`SELECT ${table.subjectType} AS subject_type, ${subject} AS subject_id, n.value ->> 'eventId' AS id FROM ${list} n`;
}

/** Names one audit event. */
export type EventKey = Pick<AuditEvent, "subjectType" | "subjectId" | "id">;

/** The kind of this event: one row, or none when the transaction found nothing to change. */
export function kindOfEvent({ subjectType, subjectId, id }: EventKey): Query<{ kind: string }> {
  return query(sql`
    SELECT kind FROM events WHERE subject_type = ${subjectType} AND subject_id = ${subjectId} AND id = ${id}`);
}

/** JSON of what routing knows of a row of this table: an expression. */
export function detailOf<Row>(table: RosterTable<Row>): SQL {
  return table.detail(valuesOf(table, (_, column) => sql`${column}`));
}

/** Whether the row is still as it was seen: an expression. */
export function stillAs<Row>(table: RosterTable<Row>, key: Partial<Row>, seen: Seen<Row>): SQL {
  if (seen === undefined) return sql`true`;
  const row = sql`SELECT 1 FROM ${table.table} WHERE ${sameKey(table, key)}`;
  if (seen === null) return sql`NOT EXISTS (${row})`;
  const names = namesOf(table).filter((name) => !table.key.includes(name));
  const values = names.map((name) => sql.param(seen[name], table.columns[name]));
  // JSON as JSON.stringify writes it, whatever wrote it.
  const stored = names.map((name) => {
    const column = table.columns[name];
    return column.dataType === "json" ? sql`json(${column})` : column;
  });
  return sql`EXISTS (${row} AND ${stored} IS ${values})`;
}

/** ISO 8601 UTC, to the millisecond, of milliseconds since the epoch. */
export function isoInstant(milliseconds: SQL): SQL {
  return sql`strftime('%Y-%m-%dT%H:%M:%fZ', (${milliseconds}) / 1000.0, 'unixepoch')`;
}

/** A SELECT of the events that these rows bring, as `insertEventsFrom` takes them: none for a row that changes nothing. */
function eventsOf<Row>(table: RosterTable<Row>, list: RowList, condition = sql`true`): SQL {
  const { subjectType, columns, key, kept = [], personal } = table;
  const given = givenValues(table);
  const after = { ...given };
  for (const name of kept) after[name] = sql`coalesce(${columns[name]}, ${given[name]})`;
  const isNew = sql`${columns[key[0]]} IS NULL`;
  const changed = personal?.map(
    (name) => sql`SELECT ${name} AS name WHERE ${columns[name]} IS NOT ${given[name]}`,
  );
  const names = sql`, 'changed', json((
    SELECT json_group_array(name) FROM (${sql.join(changed ?? [], sql` UNION ALL `)})))`;
  return sql`
    SELECT ${subjectType} AS subject_type, ${subjectOf(table, given)} AS subject_id, n.value ->> 'eventId' AS id,
      iif(${isNew}, ${`${subjectType}_${table.added}`}, ${`${subjectType}_changed`}) AS kind,
      json_object('before', json(iif(${isNew}, NULL, ${detailOf(table)})), 'after', ${table.detail(after)}
        ${changed && names}) AS detail
    FROM ${list} n ${table.needs} LEFT JOIN ${table.table} ON ${sql.join(
      key.map((name) => sql`${columns[name]} = ${given[name]}`),
      sql` AND `,
    )}
    WHERE (${isNew} OR ${differs(table, given)}) AND ${condition}`;
}

// A row that already says so is left alone: the triggers would raise the rep's revision and the pods' versions.
function upsert<Row>(table: RosterTable<Row>, list: RowList, condition = sql`true`): Query {
  const { columns, key } = table;
  const bare = (name: Name<Row>) => sql`${sql.identifier(columns[name].name)}`;
  const excluded = valuesOf(table, (name) => sql`excluded.${bare(name)}`);
  const sets = replaced(table).map((name) => sql`${bare(name)} = ${excluded[name]}`);
  return query(sql`
    INSERT INTO ${table.table} ${namesOf(table).map(bare)}
    SELECT ${sql.join(Object.values(givenValues(table)), sql`, `)} FROM ${list} n ${table.needs} WHERE ${condition}
    ON CONFLICT ${key.map(bare)} DO UPDATE SET ${sql.join(sets, sql`, `)} WHERE ${differs(table, excluded)}`);
}

/** Whether a value that a change replaces is another than the stored one. */
function differs<Row>(table: RosterTable<Row>, values: Values<Row>): SQL {
  const names = replaced(table);
  return sql`${names.map((name) => table.columns[name])} IS NOT ${names.map((name) => values[name])}`;
}

function replaced<Row>(table: RosterTable<Row>): readonly Name<Row>[] {
  return namesOf(table).filter((name) => ![...table.key, ...(table.kept ?? [])].includes(name));
}

/** The values of the row `n` of a list. */
function givenValues<Row>(table: RosterTable<Row>): Values<Row> {
  return valuesOf(table, (name, { dataType }) =>
    sql.raw(dataType === "json" ? `nullif(n.value -> '${name}', 'null')` : `n.value ->> '${name}'`),
  );
}

/** An expression for each value of a row. */
type Values<Row> = Record<Name<Row>, SQL>;

function valuesOf<Row>(
  table: RosterTable<Row>,
  expressionOf: (name: Name<Row>, column: AnySQLiteColumn) => SQL,
): Values<Row> {
  const entries = namesOf(table).map((name) => [name, expressionOf(name, table.columns[name])]);
  return Object.fromEntries(entries) as Values<Row>;
}

function namesOf<Row>({ columns }: RosterTable<Row>): Name<Row>[] {
  return Object.keys(columns) as Name<Row>[];
}

/** The subject of a row's events: an expression. */
function subjectOf<Row>({ key }: RosterTable<Row>, values: Values<Row>): SQL {
  return sql.join(
    key.map((name) => sql`(${values[name]})`),
    sql` || '/' || `,
  );
}

function rowByKey<Row>(table: RosterTable<Row>, key: Partial<Row>): Query<Row> {
  const found = selectFrom(table).where(sameKey(table, key));
  return built(found) as Query<Row>;
}

function selectFrom<Row>({ table, columns }: RosterTable<Row>) {
  const fields: Readonly<Record<string, AnySQLiteColumn>> = columns;
  return builder.select(fields).from(table);
}

function sameKey<Row>(
  { columns, key }: RosterTable<Row>,
  values: Partial<Row>,
  names: readonly Name<Row>[] = key,
): SQL | undefined {
  return and(...names.map((name) => eq(columns[name], values[name])));
}
