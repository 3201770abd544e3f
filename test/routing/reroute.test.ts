import { describe, expect, it } from "vitest";
import { requestReroute } from "../../src/routing/reroute.ts";
import { NOW } from "../intake/api/fakes.ts";
import { decidedLead, Desk, leadId, losingAnswerOf } from "./desk.ts";

const FORCE = { force: true, reason: "bo is on parental leave" };

describe("re-routing a decided lead", () => {
  it("needs force, and says what stands without it", async () => {
    const { desk, id } = await decidedLead();
    const result = await requestReroute(desk.deps, "ana", id, { ...FORCE, force: false });
    expect(result).toMatchObject({ outcome: "decided", situation: { newest: 1, ownerId: "bo" } });
    expect([desk.pending(), desk.events(), desk.sent]).toEqual([[], [], []]);
  });

  it("leaves intent, event and commit together, and sends the next generation off", async () => {
    const { desk, id } = await decidedLead();
    const result = await requestReroute(desk.deps, "ana", id, FORCE);
    expect(result).toEqual({ outcome: "requested", leadId: id, generation: 2 });
    expect(desk.sent).toEqual([{ leadId: id, generation: 2 }]);

    const [intent] = desk.select("SELECT * FROM pending");
    expect(intent).toMatchObject({
      lead_id: id,
      generation: 2,
      kind: "route",
      due: NOW + 60_000,
      tries: 0,
    });
    const args: unknown = JSON.parse(String(intent?.["args"]));
    expect(args).toEqual({ actor: "ana", reason: FORCE.reason, excluded: { bo: "has it now" } });

    const [event] = desk.select("SELECT * FROM events");
    expect(event).toMatchObject({
      kind: "reroute_requested",
      actor: "ana",
      generation: 2,
      commit_no: 2,
    });
    expect(desk.select("SELECT keys FROM commits WHERE no = 2")).toEqual([
      { keys: JSON.stringify([["event", "lead", id, event?.["id"]]]) },
    ]);
  });

  it("excludes nobody when nobody had it", async () => {
    const desk = new Desk();
    const id = await desk.addLead(1);
    await desk.decide(id, null);
    await requestReroute(desk.deps, "ana", id, FORCE);
    expect(desk.select("SELECT args ->> 'excluded' AS excluded FROM pending")).toEqual([
      { excluded: "{}" },
    ]);
  });

  it("lets the present owner have it again when told so, and the audit says so", async () => {
    const desk = new Desk();
    desk.addRep("bo");
    const id = await desk.addLead(1);
    await desk.decide(id, "bo");
    await requestReroute(desk.deps, "ana", id, { ...FORCE, excludeOwner: false });
    expect(desk.select("SELECT args ->> 'excluded' AS excluded FROM pending")).toEqual([
      { excluded: "{}" },
    ]);
    expect(desk.select("SELECT detail ->> 'excludeOwner' AS excludes FROM events")).toEqual([
      { excludes: 0 },
    ]);
  });

  it("admits one of two that come at once", async () => {
    const { desk, id } = await decidedLead();
    const results = await Promise.all([
      requestReroute(desk.deps, "ana", id, FORCE),
      requestReroute(desk.deps, "rolf", id, FORCE),
    ]);
    expect(results.map(({ outcome }) => outcome)).toEqual(["requested", "refused"]);
    expect(results[1]).toMatchObject({ reason: "intent", situation: { intent: 2 } });
    expect([desk.pending(), desk.events()]).toEqual([["route 2"], ["reroute_requested"]]);
  });

  it("is refused for a generation that the actor has not seen", async () => {
    const { desk, id } = await decidedLead();
    await requestReroute(desk.deps, "ana", id, FORCE);
    await desk.decide(id, "cy", { generation: 2 });
    const result = await requestReroute(desk.deps, "ana", id, { ...FORCE, generation: 1 });
    expect(result).toMatchObject({
      outcome: "refused",
      reason: "superseded",
      situation: { newest: 2 },
    });
    expect(await requestReroute(desk.deps, "ana", id, { ...FORCE, generation: 2 })).toMatchObject({
      generation: 3,
    });
  });

  it("is refused for a lead that is erased", async () => {
    const { desk, id } = await decidedLead();
    desk.erase(id);
    expect(await requestReroute(desk.deps, "ana", id, FORCE)).toMatchObject({ reason: "erased" });
    expect([desk.pending(), desk.events(), desk.sent]).toEqual([[], [], []]);
  });

  it("is safe to repeat when the answer was lost: the first stands, the second is refused", async () => {
    const { desk, id } = await decidedLead();
    const lossy = { ...desk.deps, db: losingAnswerOf(desk.db) };
    await expect(requestReroute(lossy, "ana", id, FORCE)).rejects.toThrow(
      "Network connection lost",
    );
    expect(desk.sent).toEqual([]);
    expect(await requestReroute(lossy, "ana", id, FORCE)).toMatchObject({ reason: "intent" });
    expect([desk.pending(), desk.events()]).toEqual([["route 2"], ["reroute_requested"]]);
  });

  it("stands though the queue is away: the sweep has the intent", async () => {
    const { desk, id } = await decidedLead();
    const deps = { ...desk.deps, leads: { send: () => Promise.reject(new Error("queue away")) } };
    expect(await requestReroute(deps, "ana", id, FORCE)).toMatchObject({ outcome: "requested" });
    expect([desk.pending(), desk.logged]).toEqual([["route 2"], ["reroute_left_to_sweep"]]);
  });
});

describe("re-routing an undecided lead", () => {
  it.each([true, false])("only sends it off again (force: %s)", async (force) => {
    const desk = new Desk();
    const id = await desk.addLead(1);
    const result = await requestReroute(desk.deps, "ana", id, { ...FORCE, force });
    expect(result).toEqual({ outcome: "requested", leadId: id, generation: 1 });
    expect(desk.sent).toEqual([{ leadId: id, generation: 1 }]);
    expect([desk.pending(), desk.events()]).toEqual([[], []]);
  });

  it("is refused when the actor claims to have seen a decision", async () => {
    const desk = new Desk();
    const id = await desk.addLead(1);
    const result = await requestReroute(desk.deps, "ana", id, { ...FORCE, generation: 1 });
    expect(result).toMatchObject({ reason: "superseded" });
    expect(desk.sent).toEqual([]);
  });

  it("finds no lead where none is", async () => {
    const desk = new Desk();
    expect(await requestReroute(desk.deps, "ana", leadId(9), FORCE)).toEqual({
      outcome: "not_found",
    });
  });
});
