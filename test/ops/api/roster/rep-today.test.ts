import { chain, fallback, matchedAccount, pod, territory } from "lead-router";
import { describe, expect, it } from "vitest";
import { putAbsence } from "../../../../src/roster/absences.ts";
import { assignManually } from "../../../../src/routing/assign.ts";
import { NOW } from "../../../roster/roster-world.ts";
import { openLiveRouter } from "../live-router.ts";

const HOUR = 3_600_000;
const RULES = chain(
  matchedAccount({ whenOwnerAway: "next" }),
  territory("DACH", { countryCode: "DE" }, pod("dach", { dailyCap: 15 })),
  fallback(pod("everyone", { openCap: 1 })),
);
const iso = (milliseconds: number) => new Date(milliseconds).toISOString();

function openRouter() {
  const router = openLiveRouter(RULES);
  return {
    ...router,
    async today(repId: string): Promise<any> {
      const { status, json } = await router.call("GET", `/reps/${repId}`);
      expect(status).toBe(200);
      return (json as { today: unknown }).today;
    },
  };
}

describe("GET /reps/:id", () => {
  it("tells where the rep stands in every pod they are in", async () => {
    const router = openRouter();
    const zone = { timeZone: "Pacific/Auckland", dailyCap: 9 };
    await router.addRep("ana", { dach: { weight: 2 }, everyone: {} }, zone);
    await router.addRep("bo", { dach: {} });
    await router.route(await router.addLead());
    await router.route(await router.addLead({ countryCode: "FR" }));
    expect(await router.today("ana")).toEqual({
      at: iso(NOW),
      date: "2026-11-22",
      count: 2,
      cap: 9,
      absence: null,
      pods: [
        {
          podId: "dach",
          next: false,
          eligibility: "eligible",
          reason: "has 1 of 15 leads today",
          until: null,
          count: 1,
          cap: 15,
          weight: 2,
          open: 1,
          openCap: null,
          received: 1,
          expected: 0.666666667,
          owed: -0.333333333,
        },
        {
          podId: "everyone",
          next: false,
          eligibility: "at_open_cap",
          reason: "has 1 of 1 open leads",
          until: null,
          count: 1,
          cap: null,
          weight: 1,
          open: 1,
          openCap: 1,
          received: 1,
          expected: 1,
          owed: 0,
        },
      ],
    });
    expect((await router.today("bo")).pods).toMatchObject([{ podId: "dach", next: true }]);
  });

  it("counts by the rep's own calendar", async () => {
    const router = openRouter();
    await router.addRep("ana", { dach: {} }, { timeZone: "Pacific/Auckland" });
    await router.route(await router.addLead());
    router.clock.now += 2 * HOUR; // past midnight in Auckland
    expect(await router.today("ana")).toMatchObject({
      date: "2026-11-23",
      count: 0,
      pods: [{ count: 0, received: 1 }],
    });
  });

  it("names the absence of now, or else the next", async () => {
    const router = openRouter();
    await router.addRep("ana", { dach: {} });
    const put = (id: string, from: number, until: number) =>
      putAbsence(router.deps, "x", "ana", id, { from: NOW + from, until: NOW + until, note: "x" });
    await put("past", -2 * HOUR, -HOUR);
    await put("later", 4 * HOUR, 5 * HOUR);
    expect((await router.today("ana")).absence).toEqual({
      id: "later",
      from: iso(NOW + 4 * HOUR),
      until: iso(NOW + 5 * HOUR),
    });
    await put("now", -HOUR, HOUR);
    expect(await router.today("ana")).toMatchObject({
      absence: { id: "now" },
      pods: [{ next: false, eligibility: "absent", until: iso(NOW + HOUR) }],
    });
  });

  it("says that the rep's own cap is reached before any pod has heard of it", async () => {
    const router = openRouter();
    await router.addRep("ana", { dach: {} }, { dailyCap: 1 });
    await assignManually(router.deps, "x", (await router.addLead()).id, {
      ownerId: "ana",
      reason: "asked for ana",
    });
    expect(await router.today("ana")).toMatchObject({
      count: 1,
      cap: 1,
      pods: [
        {
          next: false,
          eligibility: "at_own_daily_cap",
          reason: "has reached their own cap of 1 leads a day, until 2026-11-23 00:00 UTC",
          until: "2026-11-23T00:00:00.000Z",
        },
      ],
    });
    // And so it is: the pod would pick ana, and the commit refuses.
    expect(await router.route(await router.addLead())).toMatchObject({ ownerId: null });
  });

  it("names a pod that does not answer, or that has not heard of the rep, and shows the others", async () => {
    const router = openRouter();
    await router.addRep("ana", { dach: {} });
    router.down.add("everyone");
    await router.addRep("ana", { everyone: {} });
    expect((await router.today("ana")).pods).toMatchObject([
      { podId: "dach", eligibility: "eligible" },
      { podId: "everyone", error: "unreachable" },
    ]);
    router.down.delete("everyone");
    expect((await router.today("ana")).pods).toMatchObject([
      { podId: "dach", eligibility: "eligible" },
      { podId: "everyone", error: "behind" },
    ]);
  });

  it("lists reps without it: a list asks no pod", async () => {
    const router = openRouter();
    await router.addRep("ana", { dach: {} });
    const { json } = await router.call("GET", "/reps");
    expect(json).toMatchObject({ items: [{ id: "ana" }] });
    expect(JSON.stringify(json)).not.toContain("today");
  });
});
