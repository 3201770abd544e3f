import { describe, expect, it } from "vitest";
import { listAbsences, putAbsence, readAbsence, removeAbsence } from "../../src/roster/absences.ts";
import { putMember } from "../../src/roster/members.ts";
import { putRep } from "../../src/roster/reps.ts";
import { BO, NOW, openWorld } from "./roster-world.ts";

const DAY = 24 * 60 * 60 * 1000;
const SUMMER = { from: NOW + DAY, until: NOW + 9 * DAY, note: "Sailing with Ida" };

async function worldWithMember() {
  const world = openWorld();
  await putRep(world.deps, "ana", "bo", BO);
  await putMember(world.deps, "ana", "dach", "bo", { weight: 1, dailyCap: null, openCap: null });
  world.accepted.length = 0;
  return world;
}

describe("an absence", () => {
  it("is known to the rep's pods before the answer", async () => {
    const { db, deps, accepted } = await worldWithMember();
    const saved = await putAbsence(deps, "ana", "bo", "summer", SUMMER);
    expect(saved).toEqual({
      outcome: "added",
      value: { id: "summer", repId: "bo", ...SUMMER },
      unconfirmed: [],
    });
    expect(accepted).toMatchObject([
      {
        podId: "dach",
        version: 2,
        members: [{ repId: "bo", absences: [{ from: SUMMER.from, until: SUMMER.until }] }],
      },
    ]);
    expect(await readAbsence(db, "bo", "summer")).toEqual({ id: "summer", repId: "bo", ...SUMMER });
  });

  it("leaves events with its instants to the millisecond and without its note", async () => {
    const { deps, events, unnamedEvents } = await worldWithMember();
    await putAbsence(deps, "ana", "bo", "summer", SUMMER);
    await putAbsence(deps, "ana", "bo", "summer", { ...SUMMER, until: SUMMER.until + 1 });
    await putAbsence(deps, "ana", "bo", "summer", {
      ...SUMMER,
      until: SUMMER.until + 1,
      note: null,
    });
    await removeAbsence(deps, "ana", "bo", "summer");
    const from = "2026-11-23T09:30:00.007Z";
    const first = { from, until: "2026-12-01T09:30:00.007Z" };
    const second = { from, until: "2026-12-01T09:30:00.008Z" };
    expect(events().slice(2)).toMatchObject([
      {
        kind: "absence_added",
        subject_id: "bo/summer",
        detail: { before: null, after: first, changed: ["note"] },
      },
      { kind: "absence_changed", detail: { before: first, after: second, changed: [] } },
      { kind: "absence_changed", detail: { before: second, after: second, changed: ["note"] } },
      { kind: "absence_removed", detail: { before: second, after: null } },
    ]);
    expect(JSON.stringify(events())).not.toContain("Sailing");
    expect(unnamedEvents()).toEqual([]);
  });

  it("put again unchanged leaves no event and no new version, but is handed on again", async () => {
    const { deps, events, accepted } = await worldWithMember();
    await putAbsence(deps, "ana", "bo", "summer", SUMMER);
    const before = events();
    expect(await putAbsence(deps, "ana", "bo", "summer", SUMMER)).toMatchObject({
      outcome: "unchanged",
    });
    expect(events()).toStrictEqual(before);
    expect(accepted.map(({ version }) => version)).toEqual([2, 2]);
  });

  it("needs a rep", async () => {
    const { deps, events } = await worldWithMember();
    const before = events();
    expect(await putAbsence(deps, "ana", "ida", "summer", SUMMER)).toEqual({
      outcome: "unknown_rep",
    });
    expect(events()).toStrictEqual(before);
  });

  it("that is removed is gone from the pods; a second time it is not found", async () => {
    const { db, deps, accepted } = await worldWithMember();
    await putAbsence(deps, "ana", "bo", "summer", SUMMER);
    expect(await removeAbsence(deps, "ana", "bo", "summer")).toEqual({
      outcome: "removed",
      unconfirmed: [],
    });
    expect(accepted.at(-1)).toMatchObject({ version: 3, members: [{ repId: "bo", absences: [] }] });
    expect(await removeAbsence(deps, "ana", "bo", "summer")).toMatchObject({
      outcome: "not_found",
    });
    expect(await listAbsences(db, "bo", "", 10)).toEqual([]);
  });

  it("raises the rep's revision, which account matches are checked against", async () => {
    const { db, deps } = await worldWithMember();
    const revision = () =>
      Number(db.sqlite.prepare("SELECT rev FROM reps WHERE id = 'bo'").get()?.["rev"]);
    const before = revision();
    await putAbsence(deps, "ana", "bo", "summer", SUMMER);
    expect(revision()).toBe(before + 1);
  });

  it("that a pod missed reaches it when put again", async () => {
    const { deps, down, accepted } = await worldWithMember();
    down.add("dach");
    expect(await putAbsence(deps, "ana", "bo", "summer", SUMMER)).toMatchObject({
      unconfirmed: ["dach"],
    });
    down.clear();
    expect(await putAbsence(deps, "ana", "bo", "summer", SUMMER)).toMatchObject({
      outcome: "unchanged",
      unconfirmed: [],
    });
    expect(accepted.at(-1)).toMatchObject({ members: [{ absences: [{ from: SUMMER.from }] }] });
  });
});
