import { is } from "drizzle-orm";
import {
  getTableConfig,
  SQLiteColumn,
  SQLiteSyncDialect,
  SQLiteTable,
} from "drizzle-orm/sqlite-core";
import { describe, expect, it } from "vitest";
import * as schema from "../../src/record/schema.ts";
import { select } from "../pipeline/open-router.ts";

// src/record/schema.ts only mirrors what the migrations make: a column or an index in one and not in the
// other is an error of either.

const mirrored = Object.values(schema)
  .filter((table) => is(table, SQLiteTable))
  .map(getTableConfig);
const dialect = new SQLiteSyncDialect();

const MADE = `FROM sqlite_schema WHERE type = 'table' AND name <> 'd1_migrations'
  AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name NOT LIKE '\\_cf\\_%' ESCAPE '\\'`;

it("the migrations make the tables that the mirror shows, and no others", async () => {
  const made = await select(`SELECT name ${MADE} ORDER BY name`);
  expect(made.map(({ name }) => name)).toEqual(mirrored.map(({ name }) => name).toSorted());
});

it("every table is STRICT, and WITHOUT ROWID unless its key is the row's number", async () => {
  for (const { name, sql } of await select(`SELECT name, sql ${MADE}`)) {
    const options = /\)([^)]*)$/.exec(String(sql))?.[1]?.trim();
    expect({ name, options }).toEqual({
      name,
      options: ["commits", "rollups"].includes(String(name)) ? "STRICT" : "STRICT, WITHOUT ROWID",
    });
  }
});

describe.each(mirrored)("$name", (table) => {
  it("has the columns that the mirror shows: type, nullability, default and place in the key", async () => {
    const made = await select(
      `SELECT name, type, "notnull" AS required, dflt_value, pk, hidden FROM pragma_table_xinfo('${table.name}')`,
    );
    const composite = table.primaryKeys.flatMap(({ columns }) => columns.map(({ name }) => name));
    expect(
      made.map(({ name, type, required, dflt_value, pk, hidden }) => ({
        name,
        type,
        pk,
        hidden,
        default: dflt_value,
        // A key is never null, whether or not the migration says so once more.
        notNull: required === 1 || pk !== 0,
      })),
    ).toEqual(
      table.columns.map((column) => ({
        name: column.name,
        type: column.getSQLType().toUpperCase(),
        pk: column.primary ? 1 : composite.indexOf(column.name) + 1,
        hidden: 0,
        default: literalDefault(column),
        notNull: column.notNull,
      })),
    );
  });

  it("has the indexes that the mirror shows: columns in order, uniqueness and condition", async () => {
    const made = await select(
      `SELECT l.name, l."unique", s.sql, (
         SELECT json_group_array(i.name ORDER BY i.seqno) FROM pragma_index_info(l.name) i
       ) AS columns
       FROM pragma_index_list('${table.name}') l JOIN sqlite_schema s ON s.name = l.name
       WHERE l.origin = 'c' ORDER BY l.name`,
    );
    const shown = table.indexes.map(({ config }) => ({
      name: config.name,
      unique: config.unique ? 1 : 0,
      columns: config.columns.map((column) =>
        is(column, SQLiteColumn) ? column.name : "expression",
      ),
      where: config.where ? dialect.sqlToQuery(config.where).sql : null,
    }));
    expect(
      made.map(({ name, unique, sql, columns }) => ({
        name,
        unique,
        columns: JSON.parse(String(columns)),
        where: / WHERE (.*)$/s.exec(String(sql))?.[1] ?? null,
      })),
    ).toEqual(shown.toSorted((a, b) => (a.name < b.name ? -1 : 1)));
  });

  it("has the foreign keys that the mirror shows", async () => {
    const made = await select(
      `SELECT "from", "table", "to" FROM pragma_foreign_key_list('${table.name}')`,
    );
    const shown = table.foreignKeys.map((key) => key.reference());
    expect(made).toEqual(
      shown.map(({ columns, foreignColumns, foreignTable }) => ({
        from: columns[0]?.name,
        table: getTableConfig(foreignTable).name,
        to: foreignColumns[0]?.name,
      })),
    );
  });
});

/** A column's default as SQLite keeps it: the text of the expression, or null. */
function literalDefault(column: SQLiteColumn): string | null {
  if (column.default === undefined) return null;
  const value = column.mapToDriverValue(column.default);
  return typeof value === "string" ? `'${value}'` : String(Number(value));
}
