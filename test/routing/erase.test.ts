import { describe, expect, it } from "vitest";
import { closeLead, eraseLead } from "../../src/routing/acts.ts";
import { requestReroute } from "../../src/routing/reroute.ts";
import { NOW } from "../intake/api/fakes.ts";
import { Desk, losingAnswerOf } from "./desk.ts";

function openDesk(): Desk {
  const desk = new Desk();
  desk.addRep("bo");
  return desk;
}

describe("erasing a lead", () => {
  it("empties the person's fields and keeps the row, its audit and its idempotency key", async () => {
    const desk = openDesk();
    const id = await desk.addLead(1);
    await desk.decide(id, "bo");
    expect(await eraseLead(desk.deps, "ana", id)).toEqual({ outcome: "erased", leadId: id });
    expect(desk.select("SELECT email, phone, name, fields, erased_at AS at FROM leads")).toEqual([
      { email: null, phone: null, name: null, fields: "{}", at: NOW },
    ]);
    expect(desk.events()).toEqual(["erased"]);
    expect(desk.select("SELECT owner_id AS owner FROM decisions")).toEqual([{ owner: "bo" }]);
  });

  it("frees the open slot of the claim behind the newest decision", async () => {
    const desk = openDesk();
    const id = await desk.addLead(1);
    await desk.decide(id, "bo");
    await eraseLead(desk.deps, "ana", id);
    expect(desk.pending()).toEqual(["release 1"]);
  });

  it("first decides an undecided lead as unassigned, so that a claim taken for it can be settled", async () => {
    const desk = openDesk();
    const id = await desk.addLead(1);
    await eraseLead(desk.deps, "ana", id);
    expect(desk.select("SELECT generation, outcome, decided_by AS by FROM decisions")).toEqual([
      { generation: 1, outcome: "unassigned", by: "ana" },
    ]);
    const [commit] = desk.select("SELECT json_array_length(keys) AS n FROM commits");
    expect(commit).toEqual({ n: 2 });
  });

  it("decides a re-route that is under way, and frees what the generation before it held", async () => {
    const desk = openDesk();
    const id = await desk.addLead(1);
    await desk.decide(id, "bo");
    await requestReroute(desk.deps, "ana", id, { force: true, reason: "wrong region" });
    await eraseLead(desk.deps, "ana", id);
    expect(desk.select("SELECT generation, outcome FROM decisions")).toEqual([
      { generation: 1, outcome: "assigned" },
      { generation: 2, outcome: "unassigned" },
    ]);
    expect(desk.pending()).toEqual(["notify 2", "release 1"]);
  });

  it("is safe to repeat after a lost answer, and leaves nothing to re-route or close twice", async () => {
    const desk = openDesk();
    const id = await desk.addLead(1);
    await desk.decide(id, "bo");
    const lossy = { ...desk.deps, db: losingAnswerOf(desk.db) };
    await expect(eraseLead(lossy, "ana", id)).rejects.toThrow("Network connection lost");
    expect(await eraseLead(desk.deps, "ana", id)).toEqual({ outcome: "erased", leadId: id });
    expect(desk.events()).toEqual(["erased"]);
    const again = await requestReroute(desk.deps, "ana", id, { force: true, reason: "again" });
    expect(again).toMatchObject({ outcome: "refused", reason: "erased" });
    expect(await closeLead(desk.deps, "ana", id, { reason: "gone" })).toMatchObject({
      outcome: "closed",
    });
  });

  it("knows no lead that is not stored", async () => {
    expect(await eraseLead(openDesk().deps, "ana", "nowhere")).toEqual({ outcome: "not_found" });
  });
});
