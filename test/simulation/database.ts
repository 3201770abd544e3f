import type { StatementSync } from "node:sqlite";
import { openD1, SqliteD1 } from "../record/sqlite-d1.ts";
import type { Network, Process } from "./network.ts";

/** How a planted bug bends the SQL of the code under test; the identity when none is planted. */
export type Bend = (sql: string, process: Process) => string;

/** The one database of a simulated world: real SQLite, the real migrations. */
export class SimulatedD1 {
  readonly base: SqliteD1 = openD1();
  readonly #statements = new Map<string, StatementSync>();
  #remembers = false;
  readonly #network: Network;
  readonly #bend: Bend;
  /** Cuts one transaction into two where a planted bug does; null leaves it whole. */
  readonly #cut: (sqls: readonly string[]) => number | null;

  constructor(network: Network, bend: Bend, cut: (sqls: readonly string[]) => number | null) {
    this.#network = network;
    this.#bend = bend;
    this.#cut = cut;
  }

  /** The database as one process sees it, behind the network. */
  client(process: Process): D1Database {
    return new Client(this.base, this.#network, process, this.#statements, this.#bend, this.#cut);
  }

  /** Remembers how everything stands, as D1 does for 30 days. */
  remember(): void {
    const { sqlite } = this.base;
    if (!this.#remembers) sqlite.exec("ATTACH ':memory:' AS remembered");
    this.#remembers = true;
    for (const table of this.#tables()) {
      sqlite.exec(`DROP TABLE IF EXISTS remembered.${table}`);
      sqlite.exec(`CREATE TABLE remembered.${table} AS SELECT * FROM main.${table}`);
    }
  }

  /** Sets everything back to what was remembered, as Time Travel does. */
  goBack(): void {
    const { sqlite } = this.base;
    const triggers = this.read<{ name: string; sql: string }>(
      "SELECT name, sql FROM main.sqlite_schema WHERE type = 'trigger'",
    );
    sqlite.exec("PRAGMA foreign_keys = OFF");
    for (const { name } of triggers) sqlite.exec(`DROP TRIGGER ${name}`);
    for (const table of this.#tables()) {
      sqlite.exec(`DELETE FROM main.${table}`);
      sqlite.exec(`INSERT INTO main.${table} SELECT * FROM remembered.${table}`);
    }
    for (const { sql } of triggers) sqlite.exec(sql);
    sqlite.exec("PRAGMA foreign_keys = ON");
  }

  #tables(): string[] {
    return this.read<{ name: string }>(
      "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
    ).map(({ name }) => name);
  }

  /** Reads at once, behind everybody's back: for the checks. */
  read<Row>(sql: string, ...parameters: (string | number)[]): Row[] {
    return this.base.statement(sql).all(...parameters) as Row[];
  }
}

class Client extends SqliteD1 {
  readonly #shared: Map<string, StatementSync>;
  readonly #process: Process;
  readonly #bend: Bend;
  readonly #cut: (sqls: readonly string[]) => number | null;
  readonly #texts: { last: string[] };

  constructor(
    base: SqliteD1,
    network: Network,
    process: Process,
    shared: Map<string, StatementSync>,
    bend: Bend,
    cut: (sqls: readonly string[]) => number | null,
  ) {
    const texts: { last: string[] } = { last: [] };
    super(base.sqlite, (call) => {
      const label = describe(texts.last.splice(0));
      return network.call(process, "d1", label, call);
    });
    this.#shared = shared;
    this.#process = process;
    this.#bend = bend;
    this.#cut = cut;
    this.#texts = texts;
  }

  override prepare(sql: string) {
    const bent = this.#bend(sql, this.#process);
    this.#texts.last.push(bent);
    return super.prepare(bent);
  }

  override async batch<T = unknown>(statements: D1PreparedStatement[]): Promise<D1Result<T>[]> {
    const at = this.#cut(this.#texts.last);
    if (at === null) return super.batch<T>(statements);
    const first = await super.batch<T>(statements.slice(0, at));
    return [...first, ...(await super.batch<T>(statements.slice(at)))];
  }

  override statement(sql: string): StatementSync {
    const known = this.#shared.get(sql);
    if (known) return known;
    const statement = super.statement(sql);
    this.#shared.set(sql, statement);
    return statement;
  }
}

/** "insert decisions, commits; update pending": what a call does, for the trace. */
function describe(sqls: readonly string[]): string {
  const verbs = sqls.flatMap((sql) => {
    const [, verb, table] =
      /\b(INSERT|UPDATE|DELETE)\b(?: OR \w+)?(?: INTO| FROM)? (\w+)/.exec(sql) ?? [];
    return verb === undefined || table === undefined ? [] : [`${verb.toLowerCase()} ${table}`];
  });
  return verbs.length === 0 ? "reads D1" : `D1 ${verbs.join(", ")}`;
}
