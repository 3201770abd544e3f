import { withDeps } from "../../../with-deps.ts";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { apiApp } from "../../../../src/ops/api/app.ts";
import { openWorld } from "../../../roster/roster-world.ts";
import { WRITER } from "../api-client.ts";

const ROWS = 100_000;
const ROWS_A_PIECE = 500;

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

/** A CSV of so many accounts that is made while it is read; and the most that was in use meanwhile, in bytes. */
function makeFile(rows: number, last = "") {
  let sent = 0;
  let most = 0;
  const use = () => {
    collectGarbage();
    return process.memoryUsage().heapUsed;
  };
  const base = use();
  const piece = () =>
    Array.from({ length: Math.min(ROWS_A_PIECE, rows - sent) }, (_, at) => {
      const n = sent + at;
      return `company-${n}.com,0015g00000Xk${n},"Company number ${n}, Inc.",rep-${n % 40}\n`;
    }).join("");
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(Buffer.from("domain,accountId,name,ownerId\n")),
    pull(controller) {
      if (sent % 10_000 === 0) most = Math.max(most, use() - base);
      if (sent < rows) {
        controller.enqueue(Buffer.from(piece()));
        sent += ROWS_A_PIECE;
      } else {
        controller.enqueue(Buffer.from(last));
        controller.close();
      }
    },
  });
  return { body, mostInUse: () => Math.max(most, use() - base) };
}

async function importFile(mode: string, body: ReadableStream<Uint8Array>) {
  const world = openWorld();
  const response = await withDeps(apiApp(), () => world.deps).request(
    `/accounts/import?mode=${mode}`,
    {
      method: "POST",
      headers: { Authorization: WRITER, "Content-Type": "text/csv" },
      body,
      // Node asks for it where a body is streamed.
      duplex: "half",
    } as RequestInit,
    { API_TOKENS: "ana:write:write-token" },
  );
  const json: unknown = await response.json();
  const count = (table: string) =>
    world.db.sqlite.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.["n"];
  return { ...world, status: response.status, json, count };
}

describe("a file of 100,000 accounts", () => {
  it.each(["good-rows", "all-or-nothing"])(
    "is imported by %s as it is read, never whole in memory",
    async (mode) => {
      const { body, mostInUse } = makeFile(ROWS);
      const { status, json, count, db, unnamedEvents } = await importFile(mode, body);
      expect([status, json]).toMatchObject([200, { imported: ROWS, unchanged: 0, refused: [] }]);
      expect([count("accounts"), count("events"), count("staged_rows")]).toEqual([
        ROWS,
        ROWS + 1,
        0,
      ]);
      // Every event is named by the commit that it says it is of, and no commit is near the 2 MB that D1 takes a row.
      expect(unnamedEvents()).toEqual([]);
      const [largest] = db.sqlite.prepare("SELECT max(length(keys)) AS bytes FROM commits").all();
      expect(Number(largest?.["bytes"])).toBeLessThan(1_000_000);
      expect(mostInUse()).toBeLessThan(100_000_000);
    },
    60_000,
  );

  it("that breaks off leaves what was taken by then, or nothing when it was to be all", async () => {
    const some = await importFile("good-rows", makeFile(5_000, '"').body);
    expect(some.status).toBe(400);
    expect(Number(some.count("accounts"))).toBeGreaterThanOrEqual(1_500);
    expect(some.unnamedEvents()).toEqual([]);
    const none = await importFile("all-or-nothing", makeFile(5_000, '"').body);
    expect([none.status, none.count("accounts"), none.count("staged_rows")]).toEqual([400, 0, 0]);
  }, 60_000);
});
