import type { SQL } from "drizzle-orm";
import { appendCommitOf, insertEventsFrom } from "../record/events.ts";
import { sql, type Query } from "../lib/query.ts";

/** A table that whole lists of rows are put into; its owning file makes one. */
export interface ImportTable<Row> {
  /** What the audit calls a row: one event each, of this subject. */
  readonly subjectType: "account" | "rep";
  /** The field that names the row, and its event's subject. */
  readonly key: keyof Row & string;
  /** A SELECT of the events that these rows bring, as `insertEventsFrom` takes them: none for a row that stands as it is. */
  readonly events: (list: RowList) => SQL;
  /** Adds or replaces these rows; leaves alone what stands as it is. */
  readonly upsert: (list: RowList) => Query;
}

/**
 * Rows in a FROM clause: a column `value` with each row as a JSON object under the names of its fields, and as `eventId` the id
 * of the event that it may become.
 */
export type RowList = SQL;

/** The rows of a JSON text, an array. */
export function rowsOfJson(json: string): RowList {
  return sql`json_each(${json})`;
}

/** Puts the rows into their table: in one transaction, with an audit event for each that changes something. */
export function putRows<Row>(
  table: ImportTable<Row>,
  list: RowList,
  actor: string,
  at: number,
): readonly Query[] {
  return [
    insertEventsFrom(actor, at, table.events(list)),
    table.upsert(list),
    appendCommitOf(at, eventKeysOf(table, list)),
  ];
}

/** A SELECT of the events' keys that these rows have, whether they became events or not. */
export function eventKeysOf<Row>({ subjectType, key }: ImportTable<Row>, list: RowList): SQL {
  return sql`SELECT ${subjectType} AS subject_type, n.value ->> ${key} AS subject_id, n.value ->> 'eventId' AS id FROM ${list} n`;
}
