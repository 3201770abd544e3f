import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterEach, describe, expect, it } from "vitest";
import { eraseArchived } from "../../src/archive/erase.ts";
import { apiClient } from "../ops/api/api-client.ts";
import { HOUR, LONG_AGO, openArchive, type ArchiveWorld } from "./past.ts";

const FILE = join(tmpdir(), `lead-router-reconcile-${process.pid}.db`);
const SMALL = { rows: 20, bytes: 1_000_000 };

afterEach(() => rmSync(FILE, { force: true }));

function keep({ db }: ArchiveWorld): void {
  rmSync(FILE, { force: true });
  db.sqlite.exec(`VACUUM INTO '${FILE}'`);
}

/** Sets the database back, as Time Travel does: every table, below every trigger. */
function setBack({ db: { sqlite } }: ArchiveWorld): void {
  const triggers = sqlite
    .prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
    .all();
  for (const { name } of triggers) sqlite.exec(`DROP TRIGGER ${String(name)}`);
  sqlite.exec(`PRAGMA foreign_keys = OFF; ATTACH '${FILE}' AS kept`);
  const tables = sqlite
    .prepare(
      "SELECT name FROM kept.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
    )
    .all();
  for (const { name } of tables)
    sqlite.exec(
      `DELETE FROM main."${String(name)}"; INSERT INTO main."${String(name)}" SELECT * FROM kept."${String(name)}"`,
    );
  sqlite.exec("DETACH kept");
  for (const { sql } of triggers) sqlite.exec(String(sql));
}

async function openOld() {
  const world = openArchive();
  const leads = world.past.addDay(LONG_AGO, 60);
  world.past.addToday();
  await world.closeDays();
  return { ...world, leads, call: apiClient(world.deps) };
}

type World = Awaited<ReturnType<typeof openOld>>;

/** What all calls did, one after another. */
async function reconcile({ call }: World) {
  const done = { adopted: [], deleted: [], left: [], missing: [] } as Record<string, any[]>;
  let cursor: string | undefined;
  do {
    const { status, json }: any = await call(
      "POST",
      "/archives/reconcile",
      cursor ? { cursor } : {},
    );
    expect(status).toBe(200);
    for (const [what, list] of Object.entries(done)) list.push(...json[what]);
    cursor = json.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return done;
}

function bucketText({ bucket }: World): string {
  return bucket
    .parts()
    .map((key) => gunzipSync(bucket.objects.get(key) ?? "").toString())
    .join("");
}

function keysKept(world: World): unknown[] {
  return world
    .select("SELECT key FROM archives WHERE state = 'kept' ORDER BY key")
    .map(({ key }) => key);
}

describe("after the database was set back to before somebody was erased from the archive", () => {
  it("the part without them is the one that counts again", async () => {
    const world = await openOld();
    await world.tend(SMALL);
    keep(world);
    await eraseArchived(world.deps, world.leads[3]?.id ?? "", "ana");
    await eraseArchived(world.deps, world.leads[5]?.id ?? "", "ana");
    setBack(world);
    const first = keysKept(world).find((key) => String(key).startsWith("leads/"));

    const { adopted, ...rest } = await reconcile(world);
    expect(adopted).toEqual([{ key: expect.stringContaining("leads/"), inPlaceOf: first }]);
    expect(rest).toEqual({ deleted: [], left: [], missing: [] });
    expect(keysKept(world)).toEqual(world.bucket.parts());
    expect(world.select("SELECT sum(erased) AS n FROM archives")).toEqual([{ n: 2 }]);
    expect(bucketText(world)).not.toContain("jane-4@acme.test");
    expect((await world.call("DELETE", `/leads/${world.leads[7]?.id}`)).status).toBe(204);
    expect(await reconcile(world)).toEqual({ adopted: [], deleted: [], left: [], missing: [] });
  });

  it("a part that is gone for good is named", async () => {
    const world = await openOld();
    await world.tend(SMALL);
    const [gone = ""] = world.bucket.parts("leads");
    world.bucket.objects.delete(gone);
    expect(await reconcile(world)).toEqual({ adopted: [], deleted: [], left: [], missing: [gone] });
  });
});

describe("after the database was set back to before its rows were archived", () => {
  it("objects that it does not know are deleted, and nobody who is erased then stays in one", async () => {
    const world = await openOld();
    keep(world);
    await world.tend(SMALL);
    const written = world.bucket.parts();
    setBack(world);
    const { deleted, ...rest } = await reconcile(world);
    expect(deleted).toEqual(written);
    expect(rest).toEqual({ adopted: [], left: [], missing: [] });
    expect(world.count("leads")).toBe(60);
  });

  it("also once they are archived anew", async () => {
    const world = await openOld();
    keep(world);
    await world.tend(SMALL);
    const written = world.bucket.parts();
    setBack(world);
    await world.tend(SMALL);
    expect((await reconcile(world))["deleted"]).toEqual(written);
    expect(world.bucket.parts()).toEqual(keysKept(world));
  });

  it("spares objects that are not an hour old", async () => {
    const world = await openOld();
    keep(world);
    await world.tend(SMALL);
    const [young = ""] = world.bucket.parts();
    world.bucket.uploads.set(young, world.clock.now - HOUR / 2);
    setBack(world);
    expect((await reconcile(world))["left"]).toEqual([
      { key: young, why: "it is not an hour old" },
    ]);
    expect(world.bucket.parts()).toEqual([young]);
  });

  it("deletes nothing that holds what is nowhere else, nor what it cannot read", async () => {
    const world = await openOld();
    await world.tend(SMALL);
    const other = await openOld();
    for (const [key, object] of world.bucket.objects) other.bucket.objects.set(key, object);
    other.db.sqlite.exec("DROP TRIGGER leads_refuse_delete; DELETE FROM leads");
    other.db.sqlite.exec("DROP TRIGGER commits_refuse_delete; DELETE FROM commits WHERE no < 9");
    const strange = "leads/2026-08-14/0009-strange.ndjson.gz";
    other.bucket.objects.set(strange, new Uint8Array([1, 2, 3]));
    const before = other.bucket.parts();
    const { left } = await reconcile(other);
    expect(left?.map(({ key }) => key)).toEqual(
      expect.arrayContaining([strange, ...world.bucket.parts("leads")]),
    );
    expect(other.bucket.parts("leads")).toEqual(before.filter((key) => key.startsWith("leads")));
  });
});

it("refuses a made-up cursor, and a router without a bucket", async () => {
  const world = await openOld();
  expect((await world.call("POST", "/archives/reconcile", { cursor: "abc" })).status).toBe(400);
  const without = apiClient({ ...world.deps, archive: null });
  expect((await without("POST", "/archives/reconcile", {})).status).toBe(409);
});
