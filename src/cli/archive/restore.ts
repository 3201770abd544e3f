import { existsSync, readdirSync, readFileSync } from "node:fs";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { type ArchiveSource, walkArchive, type Walked, type WalkedPart } from "./walk.ts";

const MIGRATIONS = new URL("../../../migrations/", import.meta.url).pathname;

/**
 * Writes the archive into a new SQLite file with the tables of the router, to be asked with SQL. The file holds what a problem-free part
 * holds, and all of the archive when there are no problems.
 * @throws {Error} when the file exists
 */
export async function restoreArchive(source: ArchiveSource, file: string): Promise<Walked> {
  if (existsSync(file)) throw new Error(`${file} exists already`);
  const db = new DatabaseSync(file);
  try {
    // After a power cut, begin again: the file is a copy.
    db.exec("PRAGMA synchronous = OFF");
    for (const name of readdirSync(MIGRATIONS).toSorted())
      if (name.endsWith(".sql")) db.exec(readFileSync(MIGRATIONS + name, "utf8"));
    const writer = new RowWriter(db);
    const walked = await walkArchive(source, (part) => writer.write(part));
    return { ...walked, problems: [...walked.problems, ...writer.missing(walked.rows)] };
  } finally {
    db.close();
  }
}

type Line = Record<string, unknown>;

/** Puts lines of the archive into the tables that they come from. */
class RowWriter {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  /** All lines of a part, or none. */
  write({ kind, lines }: WalkedPart): void {
    this.#db.exec("BEGIN");
    try {
      for (const line of lines) {
        const row: Line = JSON.parse(line);
        if (kind === "leads") this.#writeLead(row);
        else this.#writeAudit(row);
      }
      this.#db.exec("COMMIT");
    } catch (error) {
      this.#db.exec("ROLLBACK");
      throw error;
    }
  }

  /** What is wrong where the tables do not hold as many rows as lines were read: an existing row is not overwritten. */
  missing(lines: number): string[] {
    const tables = ["leads", "decisions", "events", "commits"];
    const counts = tables.map((table) =>
      this.#db.prepare(`SELECT count(*) AS n FROM ${table}`).get(),
    );
    const stored = counts.reduce((sum, row) => sum + Number(row?.["n"]), 0);
    return stored === lines
      ? []
      : [`${lines} lines make ${stored} rows: some are there twice, or not at all`];
  }

  #writeLead({ aliases, ...lead }: Line): void {
    this.#insert("leads", lead);
    for (const id of Array.isArray(aliases) ? aliases : [])
      this.#insert("lead_aliases", { id, lead_id: lead["id"] });
  }

  #writeAudit({ table, ...row }: Line): void {
    if (table === "commits" || table === "decisions" || table === "events")
      this.#insert(table, row);
    else throw new Error("a line names no row: it was gone before it was archived");
  }

  #insert(table: string, row: Line): void {
    const columns = Object.keys(row);
    const name = `${table} ${columns.join()}`;
    const known = this.#statements.get(name);
    const statement =
      known ??
      this.#db.prepare(
        `INSERT INTO ${table} (${columns.map((column) => `"${column.replaceAll('"', "")}"`).join()}) VALUES (${columns.map(() => "?").join()})`,
      );
    this.#statements.set(name, statement);
    statement.run(...Object.values(row).map(toSqlite));
  }
}

function toSqlite(value: unknown): SQLInputValue {
  if (value === null || typeof value === "string" || typeof value === "number") return value;
  throw new Error(`a line holds a ${typeof value} where a column's value should be`);
}
