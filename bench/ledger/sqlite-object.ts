import { DatabaseSync } from "node:sqlite";
import type { SQLInputValue } from "node:sqlite";

/**
 * What a pod asks of its Durable Object's storage, over `node:sqlite` in memory: the same SQL on the same engine, in the same
 * thread as there. What it has not: the confirmation of a write by other machines, which a Durable Object's answer waits for.
 */
export function openObjectStorage(): { storage: DurableObjectStorage; sqlite: DatabaseSync } {
  const sqlite = new DatabaseSync(":memory:");
  const prepared = new Map<string, ReturnType<DatabaseSync["prepare"]>>();
  const storage = {
    sql: {
      exec(text: string, ...values: SQLInputValue[]) {
        const statement = prepared.get(text) ?? sqlite.prepare(text);
        prepared.set(text, statement);
        const rows = statement.all(...values);
        return { toArray: () => rows };
      },
    },
    transactionSync<Result>(step: () => Result): Result {
      sqlite.exec("BEGIN");
      try {
        const result = step();
        sqlite.exec("COMMIT");
        return result;
      } catch (error) {
        sqlite.exec("ROLLBACK");
        throw error;
      }
    },
    async setAlarm() {},
  };
  // A pod touches nothing else of it.
  return { storage: storage as unknown as DurableObjectStorage, sqlite };
}
