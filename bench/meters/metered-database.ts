import { meter } from "./usage.ts";

/** The real D1, with the meter on every statement that runs through it. */
export function meterDatabase(db: D1Database): D1Database {
  const real = new WeakMap<D1PreparedStatement, D1PreparedStatement>();

  function wrap(statement: D1PreparedStatement): D1PreparedStatement {
    const all = async <Row>() => {
      countCall(1);
      return count(await statement.all<Row>());
    };
    const wrapped: D1PreparedStatement = new Proxy(statement, {
      get(target, name) {
        if (name === "bind") return (...values: unknown[]) => wrap(target.bind(...values));
        if (name === "all" || name === "run") return all;
        // `first` on its own does not say what it cost.
        if (name === "first") return async () => (await all()).results[0] ?? null;
        throw new Error(`nothing meters ${String(name)}()`);
      },
    });
    real.set(wrapped, statement);
    return wrapped;
  }

  const batch = async <Row>(statements: D1PreparedStatement[]) => {
    countCall(statements.length);
    const results = await db.batch<Row>(statements.map((one) => real.get(one) ?? one));
    return results.map((one) => count(one));
  };
  return new Proxy(db, {
    get(target, name) {
      if (name === "prepare") return (sql: string) => wrap(target.prepare(sql));
      if (name === "batch") return batch;
      throw new Error(`nothing meters ${String(name)}()`);
    },
  });
}

function countCall(statements: number): void {
  meter.subrequests += 1;
  meter.d1Calls += 1;
  meter.d1Statements += statements;
}

function count<Result extends D1Result>(result: Result): Result {
  meter.d1RowsWritten += result.meta.rows_written;
  meter.d1RowsRead += result.meta.rows_read;
  return result;
}
