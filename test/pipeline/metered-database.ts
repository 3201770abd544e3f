/** What D1 says its statements cost. */
export interface Meter {
  rowsWritten: number;
  rowsRead: number;
}

/** The real database, with a meter on every statement that runs through it. */
export function metered(db: D1Database): { readonly db: D1Database; readonly meter: Meter } {
  const meter: Meter = { rowsWritten: 0, rowsRead: 0 };
  const real = new WeakMap<D1PreparedStatement, D1PreparedStatement>();

  function count<Result extends D1Result>(result: Result): Result {
    meter.rowsWritten += result.meta.rows_written;
    meter.rowsRead += result.meta.rows_read;
    return result;
  }

  function wrap(statement: D1PreparedStatement): D1PreparedStatement {
    const wrapped: D1PreparedStatement = new Proxy(statement, {
      get(target, name) {
        if (name === "bind") return (...values: unknown[]) => wrap(target.bind(...values));
        if (name === "all") return async () => count(await target.all());
        throw new Error(`nothing meters ${String(name)}()`);
      },
    });
    real.set(wrapped, statement);
    return wrapped;
  }

  const batch = async <Row>(statements: D1PreparedStatement[]) =>
    (await db.batch<Row>(statements.map((one) => real.get(one) ?? one))).map((one) => count(one));
  return {
    meter,
    db: new Proxy(db, {
      get(target, name) {
        if (name === "prepare") return (sql: string) => wrap(target.prepare(sql));
        if (name === "batch") return batch;
        throw new Error(`nothing meters ${String(name)}()`);
      },
    }),
  };
}
