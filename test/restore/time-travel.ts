// D1's Time Travel for the local D1, which has none: all rows are copied, and later put back.

/** Remembers how every table stands. Yields what sets them back. */
export async function remember(db: D1Database): Promise<() => Promise<void>> {
  const tables = await namesOf(
    db,
    `type = 'table' AND name NOT GLOB 'sqlite_*' AND name NOT GLOB '_cf_*' AND name NOT GLOB 'then_*'`,
  );
  await db.batch(
    tables.flatMap((table) => [
      db.prepare(`DROP TABLE IF EXISTS then_${table}`),
      db.prepare(`CREATE TABLE then_${table} AS SELECT * FROM ${table}`),
    ]),
  );
  return async () => {
    const { results: triggers } = await db
      .prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
      .all<{ name: string; sql: string }>();
    await db.batch([
      db.prepare("PRAGMA defer_foreign_keys = ON"),
      // They refuse to delete from the audit, and would number the rosters anew.
      ...triggers.map(({ name }) => db.prepare(`DROP TRIGGER ${name}`)),
      ...tables.flatMap((table) => [
        db.prepare(`DELETE FROM ${table}`),
        db.prepare(`INSERT INTO ${table} SELECT * FROM then_${table}`),
      ]),
      ...triggers.map(({ sql }) => db.prepare(sql)),
    ]);
  };
}

async function namesOf(db: D1Database, where: string): Promise<string[]> {
  const { results } = await db
    .prepare(`SELECT name FROM sqlite_schema WHERE ${where}`)
    .all<{ name: string }>();
  return results.map(({ name }) => name);
}
