import { SQLiteSyncDialect } from "drizzle-orm/sqlite-core";
import type { SQL } from "drizzle-orm";

export { sql } from "drizzle-orm";

// Hand-written SQL that owners of tables hand out and callers put together: one query on its own, or
// several in one transaction. Drizzle's own batch cannot carry raw SQL with parameters on D1.

const dialect = new SQLiteSyncDialect();

/** SQL that yields rows of this shape. Written with Drizzle's `sql` tag, so every value is bound. */
export type Query<Row = unknown> = SQL & { readonly row?: Row };

/** Names the shape of the rows that a piece of SQL yields. */
export function query<Row = never>(statement: SQL): Query<Row> {
  return statement as Query<Row>;
}

type RowsOf<Queries extends readonly Query[]> = {
  -readonly [K in keyof Queries]: Queries[K] extends Query<infer Row> ? Row[] : never;
};

function prepared(db: D1Database, statement: SQL): D1PreparedStatement {
  const { sql, params } = dialect.sqlToQuery(statement);
  return db.prepare(sql).bind(...params);
}

/** One query, all its rows. */
export async function rows<Row>(db: D1Database, statement: Query<Row>): Promise<Row[]> {
  const result = await prepared(db, statement).all<Row>();
  return result.results;
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
  const results = await db.batch([...writes, ...reads].map((statement) => prepared(db, statement)));
  return results.slice(writes.length).map((result) => result.results) as RowsOf<Reads>;
}
