import { describe, expect, it } from "vitest";
import { deactivateRep, listReps, putRep, readRep } from "../../src/roster/reps.ts";
import { putMember } from "../../src/roster/members.ts";
import { BO, NOW, openWorld } from "./roster-world.ts";

const MEMBER = { weight: 1, dailyCap: null, openCap: null };

describe("a rep", () => {
  it("is created once and read back as said", async () => {
    const { db, deps } = openWorld();
    expect(await putRep(deps, "ana", "bo", BO)).toStrictEqual({
      outcome: "added",
      value: { id: "bo", ...BO, active: true },
      unconfirmed: [],
    });
    expect(await readRep(db, "bo")).toStrictEqual({ id: "bo", ...BO, active: true });
    expect(await readRep(db, "ida")).toBeNull();
  });

  it("leaves events that say what routing sees, and of personal data only that it changed", async () => {
    const { deps, events, unnamedEvents } = openWorld();
    await putRep(deps, "ana", "bo", BO);
    await putRep(deps, "rolf", "bo", { ...BO, name: "Bo Holm", email: null, dailyCap: 5 });
    const routing = {
      timeZone: "Europe/Berlin",
      workingHours: { mon: [["09:00", "17:00"]] },
      active: true,
    };
    expect(events()).toStrictEqual([
      {
        subject_type: "rep",
        subject_id: "bo",
        kind: "rep_created",
        actor: "ana",
        occurred_at: NOW,
        detail: {
          before: null,
          after: { ...routing, dailyCap: 20 },
          changed: ["name", "email", "slackUserId"],
        },
      },
      {
        subject_type: "rep",
        subject_id: "bo",
        kind: "rep_changed",
        actor: "rolf",
        occurred_at: NOW,
        detail: {
          before: { ...routing, dailyCap: 20 },
          after: { ...routing, dailyCap: 5 },
          changed: ["name", "email"],
        },
      },
    ]);
    expect(JSON.stringify(events())).not.toMatch(/Berg|Holm|acme\.test|U012AB3CD/);
    expect(unnamedEvents()).toEqual([]);
  });

  it("that is put again unchanged leaves no event and no new version, but is handed to the pods again", async () => {
    const { deps, events, accepted } = openWorld();
    await putRep(deps, "ana", "bo", BO);
    await putMember(deps, "ana", "dach", "bo", MEMBER);
    const before = events();
    expect(await putRep(deps, "ana", "bo", BO)).toMatchObject({ outcome: "unchanged" });
    expect(events()).toStrictEqual(before);
    expect(accepted.map(({ version }) => version)).toEqual([1, 1]);
  });

  it("that changes is handed to every pod it is in, and to no other", async () => {
    const { deps, accepted } = openWorld();
    await putRep(deps, "ana", "bo", BO);
    await putRep(deps, "ana", "ida", BO);
    await putMember(deps, "ana", "dach", "bo", MEMBER);
    await putMember(deps, "ana", "sdr", "ida", MEMBER);
    accepted.length = 0;
    await putRep(deps, "ana", "bo", { ...BO, dailyCap: 3 });
    expect(accepted).toMatchObject([
      { podId: "dach", version: 2, members: [{ repId: "bo", ownDailyCap: 3 }] },
    ]);
  });

  it("lists page by page", async () => {
    const { db, deps } = openWorld();
    for (const id of ["cy", "al", "bo"]) await putRep(deps, "ana", id, BO);
    expect((await listReps(db, "", 2)).map(({ id }) => id)).toEqual(["al", "bo"]);
    expect((await listReps(db, "bo", 2)).map(({ id }) => id)).toEqual(["cy"]);
  });
});

describe("a rep who is deactivated", () => {
  async function boInBothPods() {
    const world = openWorld();
    await putRep(world.deps, "ana", "bo", BO);
    await putMember(world.deps, "ana", "dach", "bo", MEMBER);
    await putMember(world.deps, "ana", "sdr", "bo", { ...MEMBER, weight: 3 });
    return world;
  }

  it("leaves every pod, each with its own event, and the pods know before the answer", async () => {
    const { db, deps, events, unnamedEvents, lastHanded } = await boInBothPods();
    const earlier = events().length;
    expect(await deactivateRep(deps, "rolf", "bo")).toEqual({
      outcome: "removed",
      unconfirmed: [],
    });
    expect(await readRep(db, "bo")).toMatchObject({ id: "bo", active: false });
    expect([lastHanded("dach"), lastHanded("sdr")]).toEqual([[], []]);

    const joinedAt = "2026-11-22T09:30:00.007Z";
    const left = events().slice(earlier);
    expect(left).toMatchObject([
      {
        kind: "rep_deactivated",
        actor: "rolf",
        detail: { before: { active: true, dailyCap: 20 }, after: { active: false, dailyCap: 20 } },
      },
      {
        subject_id: "dach/bo",
        kind: "member_removed",
        detail: { before: { weight: 1, dailyCap: null, openCap: null, joinedAt }, after: null },
      },
      {
        subject_id: "sdr/bo",
        kind: "member_removed",
        detail: { before: { weight: 3 }, after: null },
      },
    ]);
    expect(unnamedEvents()).toEqual([]);
  });

  it("also leaves a pod that has left the chain", async () => {
    const { db, deps, events } = await boInBothPods();
    db.sqlite.exec("INSERT INTO members (pod_id, rep_id, joined_at) VALUES ('old', 'bo', 0)");
    await deactivateRep(deps, "rolf", "bo");
    expect(events().map((event) => Reflect.get(event, "subject_id"))).toContain("old/bo");
    expect(db.sqlite.prepare("SELECT count(*) AS n FROM members").get()).toEqual({ n: 0 });
  });

  it("is not found a second time, nor is one who never was", async () => {
    const { deps, events } = await boInBothPods();
    await deactivateRep(deps, "rolf", "bo");
    const earlier = events().length;
    expect(await deactivateRep(deps, "rolf", "bo")).toMatchObject({ outcome: "not_found" });
    expect(await deactivateRep(deps, "rolf", "ida")).toEqual({
      outcome: "not_found",
      unconfirmed: [],
    });
    expect(events()).toHaveLength(earlier);
  });

  it("reaches a pod that was away when the deactivation is asked for again", async () => {
    const { deps, down, lastHanded } = await boInBothPods();
    down.add("sdr");
    expect(await deactivateRep(deps, "rolf", "bo")).toEqual({
      outcome: "removed",
      unconfirmed: ["sdr"],
    });
    expect(lastHanded("sdr")).toEqual(["bo"]);
    down.clear();
    expect(await deactivateRep(deps, "rolf", "bo")).toEqual({
      outcome: "not_found",
      unconfirmed: [],
    });
    expect(lastHanded("sdr")).toEqual([]);
  });

  it("comes back by a put, without their pods", async () => {
    const { deps, db, events } = await boInBothPods();
    await deactivateRep(deps, "rolf", "bo");
    expect(await putRep(deps, "ana", "bo", BO)).toMatchObject({
      outcome: "changed",
      value: { active: true },
    });
    expect(events().at(-1)).toMatchObject({
      kind: "rep_changed",
      detail: { before: { active: false }, after: { active: true }, changed: [] },
    });
    expect(db.sqlite.prepare("SELECT count(*) AS n FROM members").get()).toEqual({ n: 0 });
  });
});
