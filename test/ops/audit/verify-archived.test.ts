import { gunzipSync, gzipSync } from "node:zlib";
import { beforeEach, describe, expect, it } from "vitest";
import { apiClient } from "../api/api-client.ts";
import { archiveOld } from "../../../src/archive/archive-old.ts";
import { LONG_AGO, openArchive } from "../../archive/past.ts";

const LIMITS = { rows: 50, bytes: 1_000_000 };
let router: ReturnType<typeof openArchive>;
let call: ReturnType<typeof apiClient>;
const day = new Date(LONG_AGO).toISOString().slice(0, 10);

beforeEach(async () => {
  router = openArchive();
  router.past.addDay(LONG_AGO, 60);
  router.past.addToday();
  await router.closeDays();
  await router.tend(LIMITS);
  call = apiClient(router.deps);
});

async function verify(): Promise<any> {
  return (await call("GET", `/audit/verify?day=${day}`)).json;
}

describe("a day that is in the archive", () => {
  it("is verified from there", async () => {
    expect(router.select("SELECT count(*) AS n FROM decisions")).toEqual([{ n: 0 }]);
    expect(router.bucket.parts("audit").length).toBeGreaterThan(1);
    expect(await verify()).toMatchObject({ verified: true, rows: 120, differences: [] });
  });

  it("is not as it was when a part was changed, or is gone", async () => {
    const [key = ""] = router.bucket.parts("audit");
    const part = router.bucket.objects.get(key) ?? new Uint8Array();
    const changed = gunzipSync(part).toString().replaceAll('"ana"', '"eve"');
    router.bucket.objects.set(key, gzipSync(changed));
    const differences = (json: any) => json.differences.map(({ kind }: { kind: string }) => kind);
    expect(differences(await verify())).toContain("archive_unreadable");
    router.bucket.objects.delete(key);
    const gone = await verify();
    expect(gone.verified).toBe(false);
    expect(differences(gone)).toContain("archive_unreadable");
  });

  it("names the commits of a part that is gone, and no others", async () => {
    const [, key = ""] = router.bucket.parts("audit");
    router.bucket.objects.delete(key);
    const [gone] = router.select(`SELECT first_no, last_no FROM archives WHERE key = '${key}'`);
    expect(router.count("archives WHERE kind = 'audit'")).toBeGreaterThan(2);
    expect((await verify()).differences).toEqual([
      expect.objectContaining({
        kind: "archive_unreadable",
        firstCommit: gone?.["first_no"],
        lastCommit: gone?.["last_no"],
      }),
      expect.objectContaining({ kind: "digest" }),
    ]);
  });

  it("tells a commit that is gone beside the part that cannot be read", async () => {
    const world = openArchive();
    world.past.addDay(LONG_AGO, 60);
    world.past.addToday();
    await world.closeDays();
    for (let run = 0; world.count("archives WHERE kind = 'audit' AND state = 'kept'") < 2; run++)
      await archiveOld(world.deps, LIMITS, 1);
    const [first = "", second = ""] = world.bucket.parts("audit");
    world.bucket.objects.delete(first);
    expect(second).not.toBe("");
    world.db.sqlite.exec("DROP TRIGGER commits_refuse_delete; DELETE FROM commits WHERE no = 11");
    const { json }: any = await apiClient(world.deps)("GET", `/audit/verify?day=${day}`);
    const found = json.differences.filter(({ kind }: any) => kind !== "row_unnamed");
    expect(found.map((one: any) => [one.kind, one.firstCommit, one.lastCommit])).toEqual([
      ["archive_unreadable", 1, 5],
      ["commits_missing", 11, 11],
      ["digest", 1, 12],
    ]);
  });
});

describe("a day that goes into the archive while it is verified", () => {
  it.each(Array.from({ length: 7 }, (_, nth) => nth + 1))(
    "is whole when parts go before call %i of the database",
    async (due) => {
      const world = openArchive();
      world.past.addDay(LONG_AGO, 60);
      world.past.addToday();
      await world.closeDays();
      let calls = 0;
      const db = world.db.through(async (reach) => {
        if (++calls === due)
          for (let run = 0; run < 5; run++) await archiveOld(world.deps, LIMITS, 1);
        return reach();
      });
      const { json }: any = await apiClient({ ...world.deps, db })(
        "GET",
        `/audit/verify?day=${day}`,
      );
      expect(json).toMatchObject({ verified: true, differences: [] });
    },
  );
});

describe("an archived person", () => {
  const person = { email: "jane-7@acme.test", reason: "ticket 4711" };

  it("is exported with the parts that are still to be searched", async () => {
    const { json }: any = await call("POST", "/privacy/export", person);
    expect(json.items).toMatchObject([
      { type: "archived_lead", lead: { email: "jane-7@acme.test", name: "Jane Doe 7" } },
    ]);
    expect(json).toMatchObject({ archivedPartsLeft: 0, nextCursor: null });
  });

  it("is erased with everybody else, and by the id of the lead alone", async () => {
    const { json }: any = await call("POST", "/privacy/erase", person);
    expect(json.erased).toEqual({ leads: 0, quarantined: 0, deliveries: 0, archived: 1 });
    const again: any = (await call("POST", "/privacy/export", person)).json;
    expect(again.items).toEqual([]);

    const other = { ...person, email: "jane-9@acme.test" };
    const found: any = (await call("POST", "/privacy/export", other)).json;
    const path = `/leads/${found.items[0].lead.id}`;
    expect((await call("DELETE", path)).status).toBe(204);
    expect((await call("DELETE", path)).status).toBe(204);
    expect(((await call("POST", "/privacy/export", other)).json as any).items).toEqual([]);
    const texts = [...router.bucket.objects.values()].map((object) =>
      object[0] === 0x1f ? gunzipSync(object).toString() : Buffer.from(object).toString(),
    );
    expect(texts.join()).toContain("jane-8@acme.test");
    expect(texts.join()).not.toMatch(/jane-[79]@|Doe [79]"/);
    expect(await verify()).toMatchObject({ verified: true });
  });

  it("is nobody where no lead of this id is anywhere", async () => {
    expect((await call("DELETE", "/leads/01a20297-4dc7-7c3e-9b1d-4f6a2c8e0d11")).status).toBe(404);
  });
});
