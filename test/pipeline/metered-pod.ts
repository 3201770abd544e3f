import { runInDurableObject } from "cloudflare:test";
import type { Pod } from "../../src/pod/durable-object.ts";
import { metered, type Meter } from "./metered-database.ts";

/**
 * Puts meters on a pod until it is next evicted: `storage` counts what its own SQLite says that its statements cost, and
 * each alarm set as one row written, which is what Cloudflare bills for it; `db` counts what it asks of D1.
 */
export async function meterPod(
  pod: DurableObjectStub<Pod>,
): Promise<{ readonly storage: Meter; readonly db: Meter }> {
  const meter: Meter = { rowsWritten: 0, rowsRead: 0 };
  return await runInDurableObject(pod, (instance, { storage }) => {
    const { sql } = storage;
    sql.exec = new Proxy(sql.exec, {
      apply(exec, _receiver, given) {
        const cursor: ReturnType<typeof sql.exec> = Reflect.apply(exec, sql, given);
        // What writes has run to its end by now; of what reads, only the first row has been read.
        meter.rowsWritten += cursor.rowsWritten;
        return cursor;
      },
    });
    storage.setAlarm = new Proxy(storage.setAlarm, {
      apply(setAlarm, _receiver, given) {
        meter.rowsWritten += 1;
        return Reflect.apply(setAlarm, storage, given);
      },
    });
    const { db, meter: dbMeter } = metered(instance["env"].DB);
    instance["env"].DB = db;
    return { storage: meter, db: dbMeter };
  });
}
