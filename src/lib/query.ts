import { type Column, type SQL, sql } from "drizzle-orm";
import { QueryBuilder, SQLiteSyncDialect } from "drizzle-orm/sqlite-core";

export { sql };

// SQL that owners of tables hand out and callers put together: one query on its own, or several in one transaction.
// Drizzle writes the SQL and this file runs it: Drizzle's own batch cannot carry raw SQL with parameters on D1, and its
// driver for D1 would make the bundle 10 kB larger, gzipped.

const dialect = new SQLiteSyncDialect();

/** SQL that yields rows of this shape. Written with Drizzle's `sql` tag or its builder, so every value is bound. */
export type Query<Row = unknown> = SQL & {
  readonly row?: Row;
  /** Makes a row of the values that D1 yields; left out = they are one. */
  readonly read?: (values: Values) => unknown;
};
type Values = Readonly<Record<string, unknown>>;

/** Names the shape of the rows that a piece of SQL yields. */
export function query<Row = never>(statement: SQL): Query<Row> {
  return statement as Query<Row>;
}

/** Drizzle's typed builder of SELECTs. {@link built} makes a query of what it builds. */
export const builder = new QueryBuilder(dialect);

/** A SELECT of columns of one table, from {@link builder}. Its rows are typed as the schema says: JSON is parsed, booleans are true or false. */
export function built<Row>(select: {
  readonly _: { readonly selectedFields: Readonly<Record<string, Column>>; readonly result: Row[] };
  getSQL(): SQL;
}): Query<Row> {
  const fields = Object.entries(select._.selectedFields);
  const read = (values: Values) =>
    Object.fromEntries(fields.map(([name, column]) => [name, readColumn(column, values)]));
  return Object.assign(select.getSQL(), { read });
}

function readColumn(column: Column, values: Values): unknown {
  const value = values[column.name];
  return value === null ? null : column.mapFromDriverValue(value);
}

type RowsOf<Queries extends readonly Query[]> = {
  -readonly [K in keyof Queries]: Queries[K] extends Query<infer Row> ? Row[] : never;
};

function prepared(db: D1Database, statement: SQL): D1PreparedStatement {
  const { sql: text, params } = dialect.sqlToQuery(statement);
  return db.prepare(text).bind(...params);
}

/** One query, all its rows. */
export async function rows<Row>(db: D1Database, statement: Query<Row>): Promise<Row[]> {
  return readRows(statement, await prepared(db, statement).all<Values>()) as Row[];
}

/** Several queries in order as one transaction: all of them take effect, or none. Yields the rows of each. */
export async function transaction<const Queries extends readonly Query[]>(
  db: D1Database,
  queries: Queries,
): Promise<RowsOf<Queries>> {
  return writeThenRead(db, [], queries);
}

/** Writes and then reads in one transaction: the reads see what the writes left. Yields the rows of each read. */
export async function writeThenRead<const Reads extends readonly Query[]>(
  db: D1Database,
  writes: readonly Query[],
  reads: Reads,
): Promise<RowsOf<Reads>> {
  const statements = [...writes, ...reads].map((statement) => prepared(db, statement));
  const results = (await db.batch<Values>(statements)).slice(writes.length);
  return results.map((result, at) => readRows(reads[at], result)) as RowsOf<Reads>;
}

function readRows(statement: Query | undefined, { results }: D1Result<Values>): unknown[] {
  const read = statement?.read;
  return read === undefined ? results : results.map((values) => read(values));
}
