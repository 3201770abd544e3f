import { type Column, getTableColumns, is, sql, type SQL, Table } from "drizzle-orm";

// schema.ts is the source of column lists and row types, for hand-written SQL too.

/** Columns of one table under the names that schema.ts gives them; for Drizzle's `select()` as well. */
export type Columns = Readonly<Record<string, Column>>;
type ColumnsOf<Of extends Table> = Of["_"]["columns"];

/**
 * What a SELECT lists to yield {@link StoredRow}: `d.lead_id AS "leadId", …`.
 * @param alias of the table in that SELECT; needed where another table in it has a column of the same name
 */
export function columns(of: Table | Columns, alias?: string): SQL {
  const prefix = alias === undefined ? sql`` : sql`${sql.identifier(alias)}.`;
  const list = Object.entries<Column>(isTable(of) ? getTableColumns(of) : of).map(
    ([name, column]) => sql`${prefix}${sql.identifier(column.name)} AS ${sql.identifier(name)}`,
  );
  return sql.join(list, sql`, `);
}

/** These columns of the table alone. */
export function only<Of extends Table, Name extends keyof ColumnsOf<Of> & string>(
  table: Of,
  ...names: readonly Name[]
): Pick<ColumnsOf<Of>, Name> {
  const all = getTableColumns(table);
  return Object.fromEntries(names.map((name) => [name, all[name]])) as Pick<ColumnsOf<Of>, Name>;
}

/** All columns of the table except these. */
export function except<Of extends Table, Name extends keyof ColumnsOf<Of> & string>(
  table: Of,
  ...names: readonly Name[]
): Omit<ColumnsOf<Of>, Name> {
  const kept = Object.entries(getTableColumns(table)).filter(
    ([name]) => !names.some((left) => left === name),
  );
  return Object.fromEntries(kept) as Omit<ColumnsOf<Of>, Name>;
}

function isTable(of: Table | Columns): of is Table {
  return is(of, Table);
}

/** A row of a table of schema.ts, or of some of its columns, as hand-written SQL yields it: JSON as text, booleans as 0 or 1. */
export type StoredRow<Of extends Table | Columns> = Of extends Table
  ? StoredValues<ColumnsOf<Of>>
  : StoredValues<Of>;

type StoredValues<Of> = {
  readonly [Name in keyof Of]: Of[Name] extends Column ? StoredValue<Of[Name]> : never;
};

type StoredValue<Of extends Column> = Of["_"]["notNull"] extends true
  ? NotNull<Of>
  : NotNull<Of> | null;

type NotNull<Of extends Column> = Of["_"]["dataType"] extends "json"
  ? string
  : Of["_"]["dataType"] extends "boolean"
    ? 0 | 1
    : Of["_"]["data"];
