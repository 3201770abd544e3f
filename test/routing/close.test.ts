import { describe, expect, it } from "vitest";
import { assignManually } from "../../src/routing/assign.ts";
import { closeLead } from "../../src/routing/acts.ts";
import { requestReroute } from "../../src/routing/reroute.ts";
import { NOW } from "../intake/api/fakes.ts";
import { decidedLead, Desk, leadId, losingAnswerOf } from "./desk.ts";

const WON = { reason: "won" };
const FORCE = { force: true, reason: "wrong region" };

describe("closing a lead", () => {
  it("records it and frees the open slot at once", async () => {
    const { desk, id } = await decidedLead();
    const result = await closeLead(desk.deps, "ana", id, WON);
    expect(result).toEqual({ outcome: "closed", leadId: id, generation: 1, closedAt: NOW });
    expect(desk.released).toEqual(["dach/7"]);
    expect([desk.pending(), desk.events()]).toEqual([[], ["closed"]]);
    expect(desk.select("SELECT generation, actor, detail, commit_no FROM events")).toEqual([
      { generation: 1, actor: "ana", detail: '{"reason":"won"}', commit_no: 2 },
    ]);
    expect(desk.select("SELECT count(*) AS n FROM commits")).toEqual([{ n: 2 }]);
  });

  it("leaves the slot to the sweep while the pod is away", async () => {
    const { desk, id } = await decidedLead();
    desk.podsAway = true;
    expect(await closeLead(desk.deps, "ana", id, WON)).toMatchObject({ outcome: "closed" });
    expect([desk.pending(), desk.released]).toEqual([["release 1"], []]);
  });

  it("has no slot to free for an unassigned lead", async () => {
    const desk = new Desk();
    const id = await desk.addLead(1);
    await desk.decide(id, null);
    expect(await closeLead(desk.deps, "ana", id, WON)).toMatchObject({ outcome: "closed" });
    expect([desk.pending(), desk.released]).toEqual([[], []]);
  });

  it("happens once, also when two close at once or an answer is lost", async () => {
    const { desk, id } = await decidedLead();
    const lossy = { ...desk.deps, db: losingAnswerOf(desk.db) };
    await expect(closeLead(lossy, "ana", id, WON)).rejects.toThrow("Network connection lost");
    expect(desk.pending()).toEqual(["release 1"]);
    const again = await Promise.all([
      closeLead(lossy, "ana", id, WON),
      closeLead(lossy, "rolf", id, WON),
    ]);
    expect(again).toMatchObject([{ reason: "closed" }, { reason: "closed" }]);
    expect(desk.events()).toEqual(["closed"]);
  });

  it("is refused for a lead that is undecided, or not there", async () => {
    const desk = new Desk();
    const id = await desk.addLead(1);
    expect(await closeLead(desk.deps, "ana", id, WON)).toMatchObject({ reason: "undecided" });
    expect(await closeLead(desk.deps, "ana", leadId(2), WON)).toEqual({ outcome: "not_found" });
    expect(desk.events()).toEqual([]);
  });
});

describe("acts that meet", () => {
  it("a re-route under way keeps the lead from being closed or assigned", async () => {
    const { desk, id } = await decidedLead();
    const [rerouted, closed, assigned] = await Promise.all([
      requestReroute(desk.deps, "ana", id, FORCE),
      closeLead(desk.deps, "rolf", id, WON),
      assignManually(desk.deps, "eve", id, { ownerId: "cy", reason: "asked for cy" }),
    ]);
    expect(rerouted).toMatchObject({ outcome: "requested", generation: 2 });
    expect([closed, assigned]).toMatchObject([{ reason: "intent" }, { reason: "intent" }]);
    expect([desk.pending(), desk.events()]).toEqual([["route 2"], ["reroute_requested"]]);
  });

  it("a closed lead is not re-routed, but a hand may open it again", async () => {
    const { desk, id } = await decidedLead();
    await closeLead(desk.deps, "ana", id, WON);
    expect(await requestReroute(desk.deps, "ana", id, FORCE)).toMatchObject({ reason: "closed" });
    const assigned = await assignManually(desk.deps, "ana", id, {
      ownerId: "bo",
      reason: "back again",
    });
    expect(assigned).toMatchObject({
      outcome: "assigned",
      decision: { generation: 2, ownerId: "bo" },
    });
    expect(await requestReroute(desk.deps, "ana", id, FORCE)).toMatchObject({ generation: 3 });
  });

  it("what closes is the newest generation", async () => {
    const { desk, id } = await decidedLead();
    const [assigned, closed] = [
      await assignManually(desk.deps, "ana", id, { ownerId: "cy", reason: "asked for cy" }),
      await closeLead(desk.deps, "ana", id, WON),
    ];
    expect([assigned.outcome, closed]).toMatchObject([
      "assigned",
      { outcome: "closed", generation: 2 },
    ]);
    expect(desk.pending()).toEqual(["notify 2", "release 1"]);
  });
});
