import { meter } from "./usage.ts";

/**
 * Puts the meter on a Durable Object's storage: what its own SQLite says that its statements cost, and each alarm set as one
 * row written, which is what Cloudflare bills for it. Reads are counted as far as `toArray()` and `one()` read.
 */
export function meterStorage(storage: DurableObjectStorage): void {
  const { sql } = storage;
  sql.exec = new Proxy(sql.exec, {
    apply(exec, _receiver, given) {
      const cursor: Cursor = Reflect.apply(exec, sql, given);
      if (isOfMiniflare(given[0])) return cursor;
      const look = follow(cursor);
      for (const name of ["toArray", "one"] as const) {
        const read = cursor[name];
        Object.defineProperty(cursor, name, {
          value: () => {
            const got: unknown = Reflect.apply(read, cursor, []);
            look();
            return got;
          },
        });
      }
      return cursor;
    },
  });
  storage.setAlarm = new Proxy(storage.setAlarm, {
    apply(setAlarm, _receiver, given) {
      meter.podRowsWritten += 1;
      return Reflect.apply(setAlarm, storage, given);
    },
  });
}

/** Local runs note an object's name in a table of their own, each time it wakes: on Cloudflare there is none. */
function isOfMiniflare(statement: unknown): boolean {
  return typeof statement === "string" && statement.includes("__miniflare_");
}

type Cursor = SqlStorageCursor<Record<string, SqlStorageValue>>;

/** Counts what a cursor has cost so far, now and each time it is called: what writes has run to its end by now, what reads has not. */
function follow(cursor: Cursor): () => void {
  let [read, written] = [0, 0];
  const look = () => {
    meter.podRowsRead += cursor.rowsRead - read;
    meter.podRowsWritten += cursor.rowsWritten - written;
    [read, written] = [cursor.rowsRead, cursor.rowsWritten];
  };
  look();
  return look;
}
