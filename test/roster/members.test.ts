import { describe, expect, it } from "vitest";
import { deactivateRep, putRep } from "../../src/roster/reps.ts";
import { listMembers, putMember, removeMember } from "../../src/roster/members.ts";
import { BO, NOW, openWorld } from "./roster-world.ts";

const MEMBER = { weight: 2, dailyCap: 8, openCap: null };

async function worldWithBo() {
  const world = openWorld();
  await putRep(world.deps, "ana", "bo", BO);
  return world;
}

describe("a member of a pod", () => {
  it("is known to the pod before the answer", async () => {
    const { deps, accepted } = await worldWithBo();
    const saved = await putMember(deps, "ana", "dach", "bo", MEMBER);
    expect(saved).toEqual({
      outcome: "added",
      value: { podId: "dach", repId: "bo", ...MEMBER, joinedAt: NOW },
      unconfirmed: [],
    });
    expect(accepted).toMatchObject([
      {
        podId: "dach",
        version: 1,
        members: [{ repId: "bo", weight: 2, dailyCap: 8, openCap: null, active: true }],
      },
    ]);
  });

  it("keeps the place in line when put again, and the event says before and after", async () => {
    const { deps, events, accepted } = await worldWithBo();
    await putMember(deps, "ana", "dach", "bo", MEMBER);
    const later = { ...deps, now: () => NOW + 60_000 };
    const saved = await putMember(later, "rolf", "dach", "bo", { ...MEMBER, weight: 5 });
    expect(saved).toMatchObject({ outcome: "changed", value: { weight: 5, joinedAt: NOW } });
    const joinedAt = "2026-11-22T09:30:00.007Z";
    expect(events().slice(1)).toMatchObject([
      {
        kind: "member_added",
        subject_id: "dach/bo",
        actor: "ana",
        detail: { before: null, after: { ...MEMBER, joinedAt } },
      },
      {
        kind: "member_changed",
        actor: "rolf",
        detail: { before: { ...MEMBER, joinedAt }, after: { ...MEMBER, weight: 5, joinedAt } },
      },
    ]);
    expect(accepted.map(({ version }) => version)).toEqual([1, 2]);
  });

  it("put again unchanged leaves no event and no new version", async () => {
    const { deps, events, accepted } = await worldWithBo();
    await putMember(deps, "ana", "dach", "bo", MEMBER);
    const before = events();
    expect(await putMember(deps, "ana", "dach", "bo", MEMBER)).toMatchObject({
      outcome: "unchanged",
    });
    expect(events()).toStrictEqual(before);
    expect(accepted.map(({ version }) => version)).toEqual([1, 1]);
  });

  it("is refused for an unknown pod, an unknown rep and a deactivated one, and nothing is written", async () => {
    const { deps, events, accepted } = await worldWithBo();
    await deactivateRep(deps, "ana", "bo");
    const before = events();
    accepted.length = 0;
    expect(await putMember(deps, "ana", "emea", "bo", MEMBER)).toEqual({ outcome: "unknown_pod" });
    expect(await putMember(deps, "ana", "dach", "ida", MEMBER)).toEqual({ outcome: "unknown_rep" });
    expect(await putMember(deps, "ana", "dach", "bo", MEMBER)).toEqual({ outcome: "inactive_rep" });
    expect(events()).toStrictEqual(before);
    expect(accepted).toEqual([]);
  });

  it("who was the last to leave leaves an empty roster behind, of a higher version", async () => {
    const { deps, events, accepted, unnamedEvents } = await worldWithBo();
    await putMember(deps, "ana", "dach", "bo", MEMBER);
    expect(await removeMember(deps, "ana", "dach", "bo")).toEqual({
      outcome: "removed",
      unconfirmed: [],
    });
    expect(accepted.at(-1)).toEqual({ podId: "dach", version: 2, members: [] });
    expect(events().at(-1)).toMatchObject({
      kind: "member_removed",
      detail: { before: MEMBER, after: null },
    });
    expect(await removeMember(deps, "ana", "dach", "bo")).toMatchObject({ outcome: "not_found" });
    expect(unnamedEvents()).toEqual([]);
  });

  it("is listed in join order, pod by pod", async () => {
    const { deps, db } = await worldWithBo();
    await putRep(deps, "ana", "al", BO);
    await putMember(deps, "ana", "dach", "bo", MEMBER);
    await putMember({ ...deps, now: () => NOW + 1 }, "ana", "dach", "al", MEMBER);
    await putMember(deps, "ana", "sdr", "bo", MEMBER);
    const members = await listMembers(db, ["sdr", "dach"]);
    expect(members.map(({ podId, repId }) => `${podId}/${repId}`)).toEqual([
      "sdr/bo",
      "dach/bo",
      "dach/al",
    ]);
  });
});

describe("a pod that does not confirm", () => {
  it("is named, the change stands, and the same request again completes it", async () => {
    const { deps, db, down, lastHanded, logged } = await worldWithBo();
    down.add("dach");
    expect(await putMember(deps, "ana", "dach", "bo", MEMBER)).toMatchObject({
      outcome: "added",
      unconfirmed: ["dach"],
    });
    expect(await listMembers(db, ["dach"])).toHaveLength(1);
    expect(lastHanded("dach")).toBeNull();
    expect(logged).toEqual([expect.stringContaining('"pod":"dach"')]);
    down.clear();
    expect(await putMember(deps, "ana", "dach", "bo", MEMBER)).toMatchObject({
      outcome: "unchanged",
      unconfirmed: [],
    });
    expect(lastHanded("dach")).toEqual(["bo"]);
  });

  it("gets a removal it missed when the removal is asked for again", async () => {
    const { deps, down, lastHanded } = await worldWithBo();
    await putMember(deps, "ana", "dach", "bo", MEMBER);
    down.add("dach");
    expect(await removeMember(deps, "ana", "dach", "bo")).toEqual({
      outcome: "removed",
      unconfirmed: ["dach"],
    });
    down.clear();
    expect(await removeMember(deps, "ana", "dach", "bo")).toEqual({
      outcome: "not_found",
      unconfirmed: [],
    });
    expect(lastHanded("dach")).toEqual([]);
  });

  it("has not confirmed when the roster cannot be read, or when the pod still holds an older one", async () => {
    const { deps, db } = await worldWithBo();
    const unreadable: D1Database = new Proxy(db, {
      get: (target, name) =>
        name === "prepare"
          ? (text: string) => {
              if (text.includes("pod_versions v")) throw new Error("D1 is overloaded");
              return target.prepare(text);
            }
          : Reflect.get(target, name).bind(target),
    });
    const failing = { ...deps, db: unreadable };
    expect(await putMember(failing, "ana", "dach", "bo", MEMBER)).toMatchObject({
      unconfirmed: ["dach"],
    });
    const stale = { ...deps, pod: () => ({ ...deps.pod("dach"), accept: async () => 0 }) };
    expect(await putMember(stale, "ana", "dach", "bo", MEMBER)).toMatchObject({
      unconfirmed: ["dach"],
    });
  });
});
