import { readdirSync, readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import type { SQLInputValue, StatementSync } from "node:sqlite";

// D1 for plain Node: the same SQL on the same engine, with D1's limits and D1's words for errors. What it
// has not: a network, so each call takes effect before it returns its promise, unless `through` puts delays
// and failures around it; meters of rows read and written; read replicas.

/** D1's documented limits. Local D1 enforces only the first. */
const MAX_PARAMETERS = 100;
const MAX_STATEMENT_BYTES = 100_000;
const MAX_VALUE_BYTES = 2_000_000;

const MIGRATIONS = new URL("../../migrations/", import.meta.url).pathname;

type Row = Record<string, unknown>;

/** Makes a call when it likes, or never; may reject before the call took effect, or after. */
export type Network = <Result>(call: () => Result) => Promise<Result>;

const NO_NETWORK: Network = async (call) => call();

/** An empty database with every migration applied, in memory. */
export function openD1(): SqliteD1 {
  const sqlite = new DatabaseSync(":memory:");
  for (const file of readdirSync(MIGRATIONS).toSorted()) {
    if (file.endsWith(".sql")) sqlite.exec(readFileSync(MIGRATIONS + file, "utf8"));
  }
  return new SqliteD1(sqlite);
}

/** `D1Database` over `node:sqlite`. `sqlite` is for tests that look behind it. */
export class SqliteD1 implements D1Database {
  readonly sqlite: DatabaseSync;
  readonly network: Network;
  readonly #statements = new Map<string, StatementSync>();

  constructor(sqlite: DatabaseSync, network: Network = NO_NETWORK) {
    this.sqlite = sqlite;
    this.network = network;
  }

  /** The same database as seen by a client behind this network. */
  through(network: Network): SqliteD1 {
    return new SqliteD1(this.sqlite, network);
  }

  prepare(sql: string): SqliteStatement {
    return new SqliteStatement(this, sql, []);
  }

  /** One transaction, in order; a failure rolls all of it back. */
  batch<T = unknown>(statements: D1PreparedStatement[]): Promise<D1Result<T>[]> {
    return this.network(() => this.#transact(statements));
  }

  #transact<T>(statements: readonly D1PreparedStatement[]): D1Result<T>[] {
    if (statements.length === 0) throw d1Error("No SQL statements detected.");
    this.sqlite.exec("BEGIN");
    try {
      const results = statements.map((statement) => {
        if (!(statement instanceof SqliteStatement))
          throw new Error("not a statement of this database");
        return statement.execute<T>();
      });
      this.sqlite.exec("COMMIT");
      return results;
    } catch (error) {
      // RAISE(ROLLBACK) and a full disk end the transaction by themselves.
      if (this.sqlite.isTransaction) this.sqlite.exec("ROLLBACK");
      throw error;
    }
  }

  async exec(sql: string): Promise<D1ExecResult> {
    this.sqlite.exec(sql);
    return { count: 1, duration: 0 };
  }

  withSession(): D1DatabaseSession {
    return {
      prepare: (sql) => this.prepare(sql),
      batch: (statements) => this.batch(statements),
      getBookmark: () => null,
    };
  }

  async dump(): Promise<ArrayBuffer> {
    throw new Error("dump() is not part of this stand-in");
  }

  /** Prepared once per SQL text. */
  statement(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known) return known;
    if (Buffer.byteLength(sql) > MAX_STATEMENT_BYTES)
      throw d1Error("statement too long: SQLITE_TOOBIG");
    const statement = this.sqlite.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  /** Rows that every statement so far has changed, by triggers too: what D1 counts `changes` with. */
  totalChanges(): number {
    return Number(this.statement("SELECT total_changes() AS n").get()?.["n"]);
  }
}

class SqliteStatement implements D1PreparedStatement {
  readonly #db: SqliteD1;
  readonly #sql: string;
  readonly #parameters: readonly SQLInputValue[];

  constructor(db: SqliteD1, sql: string, parameters: readonly SQLInputValue[]) {
    this.#db = db;
    this.#sql = sql;
    this.#parameters = parameters;
  }

  bind(...values: unknown[]): SqliteStatement {
    return new SqliteStatement(this.#db, this.#sql, values.map(toSqlite));
  }

  /** Runs at once and in full. */
  execute<T>(): D1Result<T> {
    const before = this.#db.totalChanges();
    const results = this.#guarded((statement) => statement.all(...this.#parameters)).map(
      (row) => ({ ...row }) as T,
    );
    const changes = this.#db.totalChanges() - before;
    return { success: true, results, meta: metaOf(changes) };
  }

  all<T = Row>(): Promise<D1Result<T>> {
    return this.#db.network(() => this.execute<T>());
  }

  run<T = Row>(): Promise<D1Result<T>> {
    return this.all<T>();
  }

  async first<T = unknown>(column?: string): Promise<T | null> {
    const row = (await this.all()).results[0];
    if (row === undefined) return null;
    if (column === undefined) return row as T;
    if (!Object.hasOwn(row, column)) throw d1Error(`column not found: ${column}`);
    return row[column] as T;
  }

  raw<T = unknown[]>(options: { columnNames: true }): Promise<[string[], ...T[]]>;
  raw<T = unknown[]>(options?: { columnNames?: false }): Promise<T[]>;
  raw<T = unknown[]>(options?: { columnNames?: boolean }): Promise<T[] | [string[], ...T[]]> {
    return this.#db.network(() => this.#readArrays<T>(options?.columnNames === true));
  }

  #readArrays<T>(withNames: boolean): T[] | [string[], ...T[]] {
    return this.#guarded((statement) => {
      statement.setReturnArrays(true);
      try {
        const rows = statement.all(...this.#parameters) as unknown as T[];
        return withNames ? [statement.columns().map(({ name }) => name), ...rows] : rows;
      } finally {
        statement.setReturnArrays(false);
      }
    });
  }

  #guarded<Result>(use: (statement: StatementSync) => Result): Result {
    if (this.#parameters.length > MAX_PARAMETERS)
      throw d1Error("too many SQL variables: SQLITE_ERROR");
    for (const value of this.#parameters) {
      if (typeof value === "string" && Buffer.byteLength(value) > MAX_VALUE_BYTES) {
        throw d1Error("string or blob too big: SQLITE_TOOBIG");
      }
    }
    try {
      return use(this.#db.statement(this.#sql));
    } catch (error) {
      throw error instanceof Error
        ? d1Error(`${error.message}: ${sqliteCode(error)}`, error)
        : error;
    }
  }
}

/** As D1 takes values: booleans become 0 and 1, `undefined` is refused. */
function toSqlite(value: unknown): SQLInputValue {
  if (typeof value === "boolean") return value ? 1 : 0;
  if (value === null || typeof value === "number" || typeof value === "string") return value;
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  if (value instanceof Uint8Array) return value;
  throw new Error(
    `D1_TYPE_ERROR: Type '${typeof value}' not supported for value '${String(value)}'`,
  );
}

function sqliteCode(error: Error): string {
  // Extended result codes carry the primary one in their low byte; 19 is SQLITE_CONSTRAINT, 20 SQLITE_MISMATCH.
  const primary =
    "errcode" in error && typeof error.errcode === "number" ? error.errcode & 0xff : 1;
  if (primary === 19) return "SQLITE_CONSTRAINT";
  return primary === 20 ? "SQLITE_MISMATCH" : "SQLITE_ERROR";
}

function d1Error(message: string, cause?: Error): Error {
  return new Error(`D1_ERROR: ${message}`, { cause: cause ?? new Error(message) });
}

function metaOf(changes: number): D1Meta & Record<string, unknown> {
  return {
    duration: 0,
    size_after: 0,
    rows_read: 0,
    rows_written: 0,
    last_row_id: 0,
    changed_db: changes > 0,
    changes,
  };
}
