/** A database that refuses every statement while `fault` names an error, and otherwise is the real one. */
export function failingDatabase(db: D1Database, fault: () => string | null): D1Database {
  const check = () => {
    const message = fault();
    if (message !== null) throw new Error(message);
    return db;
  };
  return {
    prepare: (sql) => check().prepare(sql),
    batch: async <Row>(statements: D1PreparedStatement[]) => await check().batch<Row>(statements),
    exec: async (sql) => await check().exec(sql),
    withSession: (bookmark) => check().withSession(bookmark),
    dump: async () => await check().dump(),
  };
}
