import { describe, expect, it } from "vitest";
import { DAY_MS, DigestWorld, FIRST_DAY } from "../../audit/digest-world.ts";
import { apiClient, refusedFields } from "../api-client.ts";

async function closedWorld(): Promise<DigestWorld> {
  const world = new DigestWorld();
  await world.commit(FIRST_DAY, 4, 2);
  await world.commit(FIRST_DAY + DAY_MS, 2);
  await world.close(FIRST_DAY + 3 * DAY_MS + 60 * 60_000);
  return world;
}

describe("GET /audit/digests", () => {
  it("lists closed days, the newest first, page by page, each with the digest of the day before", async () => {
    const call = apiClient((await closedWorld()).desk.deps);
    const first: any = (await call("GET", "/audit/digests?limit=2")).json;
    const rest: any = (await call("GET", `/audit/digests?limit=2&cursor=${first.nextCursor}`)).json;
    const days = [...first.items, ...rest.items];
    expect(days.map(({ day, commits, rows }) => ({ day, commits, rows }))).toEqual([
      { day: "2026-11-22", commits: 0, rows: 0 },
      { day: "2026-11-21", commits: 2, rows: 2 },
      { day: "2026-11-20", commits: 4, rows: 8 },
    ]);
    expect(days[0].previous).toBe(days[1].digest);
    expect(days[2]).toMatchObject({ firstCommit: 1, lastCommit: 4, previous: "0".repeat(64) });
    expect(rest.nextCursor).toBeNull();
  });
});

describe("GET /audit/verify", () => {
  it("makes the digest anew and says that all is as it was", async () => {
    const call = apiClient((await closedWorld()).desk.deps);
    const { status, json }: any = await call("GET", "/audit/verify?day=2026-11-20");
    expect(status).toBe(200);
    expect(json).toMatchObject({ verified: true, previousMatches: true, commits: 4, rows: 8 });
    expect(json.recomputed).toBe(json.digest);
    expect(json.nextCursor).toBeNull();
  });

  it("says what differs, and where", async () => {
    const world = await closedWorld();
    world.dropTriggers();
    world.db.sqlite.exec("UPDATE events SET actor = 'eve' WHERE commit_no = 2");
    const { json }: any = await apiClient(world.desk.deps)("GET", "/audit/verify?day=2026-11-20");
    expect(json).toMatchObject({ verified: false, differenceCount: 2 });
    expect(json.differences).toEqual([
      { kind: "changed", firstCommit: 1, lastCommit: 4, row: null },
      { kind: "digest", firstCommit: 1, lastCommit: 4, row: null },
    ]);
    expect(json.recomputed).not.toBe(json.digest);
  });

  it("takes a long day in several calls, and remembers what the earlier ones found", async () => {
    const world = new DigestWorld();
    // 22 pages, two more than a call reads.
    await world.commit(FIRST_DAY, 22);
    await world.hashInPages(1);
    await world.close(FIRST_DAY + DAY_MS + 60 * 60_000);
    world.dropTriggers();
    const call = apiClient(world.desk.deps);
    const path = "/audit/verify?day=2026-11-20";
    const part: any = (await call("GET", path)).json;
    expect(part).toMatchObject({ verified: null, recomputed: null, differenceCount: 0 });
    const rest: any = (await call("GET", `${path}&cursor=${part.nextCursor}`)).json;
    expect(rest).toMatchObject({ verified: true, recomputed: rest.digest, nextCursor: null });

    world.db.sqlite.exec("UPDATE events SET actor = 'eve' WHERE commit_no = 2");
    const altered: any = (await call("GET", path)).json;
    expect(altered).toMatchObject({ verified: false, differenceCount: 1 });
    const end: any = (await call("GET", `${path}&cursor=${altered.nextCursor}`)).json;
    expect(end).toMatchObject({ verified: false, differenceCount: 2 });
    expect(end.differences.map(({ kind }: { kind: string }) => kind)).toEqual(["digest"]);
  });

  it("goes on where a row that somebody put in has a name that is no ASCII", async () => {
    const world = new DigestWorld();
    await world.commit(FIRST_DAY, 1);
    await world.close(FIRST_DAY + DAY_MS + 60 * 60_000);
    const insert = world.db.sqlite.prepare(`
      INSERT INTO events (subject_type, subject_id, id, kind, actor, occurred_at, commit_no, detail)
      SELECT 'zo' || char(0x20ac), value, 'x%', 'y', 'eve', 1, 1, '{}' FROM json_each(?)`);
    insert.run(JSON.stringify(Array.from({ length: 20_000 }, (_, n) => n)));
    const path = "/audit/verify?day=2026-11-20";
    const call = apiClient(world.desk.deps);
    const part: any = (await call("GET", path)).json;
    expect(part.differences).toHaveLength(100);
    const rest: any = (await call("GET", `${path}&cursor=${part.nextCursor}`)).json;
    expect(rest).toMatchObject({ verified: false, differenceCount: 20_000, nextCursor: null });
  });

  it.each([
    ["/audit/verify", 400, "day"],
    ["/audit/verify?day=yesterday", 400, "day"],
    ["/audit/verify?day=2026-02-30", 400, "day"],
    ["/audit/verify?day=2026-11-23", 404, "day"],
    ["/audit/verify?day=2026-11-20&cursor=abc", 400, "cursor"],
    [`/audit/verify?day=2026-11-20&cursor=${cursorWith("%zz")}`, 400, "cursor"],
    ["/audit/digests?limit=0", 400, "limit"],
    ["/audit/digests?day=2026-11-20", 400, "day"],
  ])("refuses %s", async (path, status, field) => {
    const answer = await apiClient((await closedWorld()).desk.deps)("GET", path);
    expect(answer.status).toBe(status);
    expect(Object.keys(refusedFields(answer.json))).toContain(field);
  });
});

function cursorWith(place: string): string {
  const state = "0".repeat(64);
  return btoa(
    JSON.stringify(["verify", "2026-11-20", "decisions", 4, state, 8, 0, "", place, "", ""]),
  );
}
