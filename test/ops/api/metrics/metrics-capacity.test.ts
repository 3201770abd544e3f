import { chain, fallback, pod, territory } from "lead-router";
import { describe, expect, it } from "vitest";
import { assignManually } from "../../../../src/routing/assign.ts";
import { openLiveRouter } from "../live-router.ts";

const dach = pod("dach", { dailyCap: 2, openCap: 3 });
const sdr = pod("sdr");

function openTeam() {
  const router = openLiveRouter(
    chain(territory("DACH", { countryCode: ["DE"] }, dach), fallback(sdr)),
  );
  const ask = async (): Promise<any> => (await router.call("GET", "/metrics/capacity")).json;
  return {
    ...router,
    ask,
    async take(count: number, countryCode = "DE") {
      for (let n = 0; n < count; n++) await router.route(await router.addLead({ countryCode }));
    },
    giveByHand: async (ownerId: string) =>
      assignManually(router.deps, "ana", (await router.addLead()).id, { ownerId, reason: "asked" }),
  };
}

const DAY = 24 * 60 * 60_000;

describe("who is at a cap, or over one", () => {
  it("is nobody while everybody has room", async () => {
    const team = openTeam();
    await team.addRep("bo", { dach: {}, sdr: {} }, { dailyCap: 3 });
    await team.take(1);
    expect(await team.ask()).toMatchObject({ reached: [], unreachable: [] });
  });

  it("tells a pod's daily cap that is reached, until the rep's next day", async () => {
    const team = openTeam();
    await team.addRep("bo", { dach: {} });
    await team.take(2);
    expect((await team.ask()).reached).toEqual([
      { repId: "bo", podId: "dach", counts: "leads_today", count: 2, cap: 2, over: 0 },
    ]);
    team.clock.now += DAY;
    expect((await team.ask()).reached).toEqual([]);
  });

  it("tells open leads that fill a member's cap, day after day", async () => {
    const team = openTeam();
    await team.addRep("bo", { dach: {} });
    await team.take(2);
    team.clock.now += DAY;
    await team.take(1);
    team.clock.now += DAY;
    expect((await team.ask()).reached).toEqual([
      { repId: "bo", podId: "dach", counts: "open_leads", count: 3, cap: 3, over: 0 },
    ]);
  });

  it("tells a rep's own cap over everything, and by how much hands went beyond it", async () => {
    const team = openTeam();
    await team.addRep("bo", { dach: {}, sdr: {} }, { dailyCap: 1 });
    await team.addRep("cy", {}, { dailyCap: 5 });
    await team.take(1, "FR");
    await team.giveByHand("bo");
    expect((await team.ask()).reached).toEqual([
      { repId: "bo", podId: null, counts: "leads_today", count: 2, cap: 1, over: 1 },
    ]);
  });

  it("counts a person's own day by their own calendar", async () => {
    const team = openTeam();
    // It is 09:30 in UTC: still the day before in Honolulu for half an hour.
    await team.addRep("kai", { sdr: {} }, { dailyCap: 1, timeZone: "Pacific/Honolulu" });
    await team.take(1, "FR");
    expect((await team.ask()).reached).toMatchObject([{ repId: "kai", count: 1 }]);
    team.clock.now += 45 * 60_000;
    expect((await team.ask()).reached).toEqual([]);
  });

  it("leaves out who is deactivated", async () => {
    const team = openTeam();
    await team.addRep("bo", { sdr: {} }, { dailyCap: 0 });
    expect((await team.ask()).reached).toMatchObject([{ repId: "bo", count: 0, cap: 0, over: 0 }]);
    await team.call("DELETE", "/reps/bo");
    expect((await team.ask()).reached).toEqual([]);
  });

  it("names the pods that do not answer, and tells of the others", async () => {
    const team = openTeam();
    await team.addRep("bo", { dach: {} });
    await team.take(2);
    team.down.add("sdr");
    expect(await team.ask()).toMatchObject({ reached: [{ repId: "bo" }], unreachable: ["sdr"] });
  });
});
