import { describe, expect, it } from "vitest";
import { assignManually } from "../../src/routing/assign.ts";
import { NOW } from "../intake/api/fakes.ts";
import { Desk, leadId, losingAnswerOf } from "./desk.ts";

const TO_CY = { ownerId: "cy", reason: "asked for cy" };

function deskWithReps(): Desk {
  const desk = new Desk();
  for (const rep of ["bo", "cy", "di"]) desk.addRep(rep);
  return desk;
}

describe("assigning by hand", () => {
  it("resolves an unassigned lead and explains itself", async () => {
    const desk = deskWithReps();
    const id = await desk.addLead(1);
    await desk.decide(id, null);
    const result = await assignManually(desk.deps, "ana", id, TO_CY);
    const reason = "ana gave it to cy by hand: asked for cy";
    expect(result).toEqual({
      outcome: "assigned",
      decision: {
        leadId: id,
        generation: 2,
        outcome: "assigned",
        rule: null,
        podId: null,
        claimSeq: null,
        ownerId: "cy",
        reason,
        trail: [{ rule: "by hand", kind: "manual", outcome: "matched", reason, picked: "cy" }],
        chainVersion: desk.deps.chain.version,
        decidedAt: NOW,
        committedAt: NOW,
        decidedBy: "ana",
      },
    });
    const [event] = desk.select("SELECT id, generation, kind, actor, detail FROM events");
    expect(event).toMatchObject({ generation: 2, kind: "assigned_by_hand", actor: "ana" });
    expect(JSON.parse(String(event?.["detail"]))).toEqual({ ...TO_CY, overCap: false });
    expect(desk.select("SELECT keys FROM commits WHERE no = 2")).toEqual([
      {
        keys: JSON.stringify([
          ["decision", id, 2],
          ["event", "lead", id, event?.["id"]],
        ]),
      },
    ]);
  });

  it("tells the rep now, and leaves a row in case that fails", async () => {
    const desk = deskWithReps();
    const id = await desk.addLead(1);
    await desk.decide(id, null);
    await assignManually(desk.deps, "ana", id, TO_CY);
    expect(desk.told).toEqual([{ decisions: [{ leadId: id, generation: 2 }] }]);
    expect(desk.select("SELECT kind, generation, due FROM pending")).toEqual([
      { kind: "notify", generation: 2, due: NOW + 60_000 },
    ]);

    const deps = { ...desk.deps, notifications: { send: () => Promise.reject(new Error("away")) } };
    expect(await assignManually(deps, "ana", id, { ...TO_CY, ownerId: "di" })).toMatchObject({
      outcome: "assigned",
    });
    expect(desk.pending()).toEqual(["notify 2", "notify 3"]);
    expect(desk.logged).toEqual(["announcement_left_to_sweep"]);
  });

  it("frees the slot of the claim it takes the lead from", async () => {
    const desk = deskWithReps();
    const id = await desk.addLead(1);
    await desk.decide(id, "bo");
    await assignManually(desk.deps, "ana", id, TO_CY);
    expect(desk.pending()).toEqual(["notify 2", "release 1"]);
  });

  it("decides an undecided lead, whatever the sweep has in view", async () => {
    const desk = deskWithReps();
    const id = await desk.addLead(1);
    desk.db.sqlite.exec(
      `INSERT INTO pending (lead_id, generation, kind, due) VALUES ('${id}', 1, 'route', 0)`,
    );
    expect(await assignManually(desk.deps, "ana", id, TO_CY)).toMatchObject({
      decision: { generation: 1 },
    });
    expect(desk.pending()).toEqual(["notify 1"]);
    await desk.decide(id, "bo");
    expect(desk.select("SELECT owner_id FROM decisions")).toEqual([{ owner_id: "cy" }]);
  });

  it("follows a pass that decides between its look and its write", async () => {
    const desk = deskWithReps();
    const id = await desk.addLead(1);
    let passes = 0;
    const deps = {
      ...desk.deps,
      get now() {
        // The clock is read after the look.
        if (passes++ === 0) void desk.decide(id, "bo");
        return () => NOW;
      },
    };
    expect(await assignManually(deps, "ana", id, TO_CY)).toMatchObject({
      decision: { generation: 2, ownerId: "cy" },
    });
    expect(desk.pending()).toEqual(["notify 2", "release 1"]);
    expect(desk.events()).toEqual(["assigned_by_hand"]);
  });

  it("counts by the rep's own calendar", async () => {
    const desk = new Desk({ now: () => Date.UTC(2026, 10, 22, 23, 30) });
    desk.addRep("cy", { timeZone: "Europe/Berlin" });
    const id = await desk.addLead(1);
    await assignManually(desk.deps, "ana", id, TO_CY);
    expect(desk.select("SELECT day FROM decisions")).toEqual([{ day: "2026-11-23" }]);
  });

  it("goes over the rep's own cap, and says so", async () => {
    const desk = new Desk();
    desk.addRep("cy", { dailyCap: 2 });
    for (const n of [1, 2, 3]) await assignManually(desk.deps, "ana", await desk.addLead(n), TO_CY);
    const over = desk.select(
      "SELECT detail ->> '$.overCap' AS over, json_type(detail, '$.overCap') AS type FROM events ORDER BY commit_no",
    );
    expect(over).toEqual([
      { over: 0, type: "false" },
      { over: 0, type: "false" },
      { over: 1, type: "true" },
    ]);
    await desk.decide(await desk.addLead(4), "cy", { podId: null, claimSeq: null });
    expect(desk.select("SELECT count(*) AS n FROM decisions")).toEqual([{ n: 3 }]);
  });

  it("takes a rep with a cap of none at all over it", async () => {
    const desk = new Desk();
    desk.addRep("cy", { dailyCap: 0 });
    await assignManually(desk.deps, "ana", await desk.addLead(1), TO_CY);
    expect(desk.select("SELECT detail ->> '$.overCap' AS over FROM events")).toEqual([{ over: 1 }]);
  });
});

describe("assigning by hand is refused", () => {
  it("for a rep who does not exist or is deactivated", async () => {
    const desk = new Desk();
    desk.addRep("cy", { active: 0 });
    const id = await desk.addLead(1);
    expect(await assignManually(desk.deps, "ana", id, TO_CY)).toEqual({ outcome: "no_such_rep" });
    expect(await assignManually(desk.deps, "ana", id, { ...TO_CY, ownerId: "nobody" })).toEqual({
      outcome: "no_such_rep",
    });
  });

  it("for a rep who is deactivated between its look and its write", async () => {
    const desk = deskWithReps();
    const id = await desk.addLead(1);
    const deps = {
      ...desk.deps,
      now: () => {
        desk.db.sqlite.exec("UPDATE reps SET active = 0 WHERE id = 'cy'");
        return NOW;
      },
    };
    expect(await assignManually(deps, "ana", id, TO_CY)).toEqual({ outcome: "no_such_rep" });
    expect(desk.select("SELECT * FROM decisions")).toEqual([]);
  });

  it("for a lead that is erased, or not there", async () => {
    const desk = deskWithReps();
    const id = await desk.addLead(1);
    await desk.decide(id, null);
    desk.erase(id);
    expect(await assignManually(desk.deps, "ana", id, TO_CY)).toMatchObject({ reason: "erased" });
    expect(await assignManually(desk.deps, "ana", leadId(9), TO_CY)).toEqual({
      outcome: "not_found",
    });
    expect([desk.pending(), desk.events(), desk.told]).toEqual([[], [], []]);
  });

  it("for a generation that the actor has not seen: one of two at once", async () => {
    const desk = deskWithReps();
    const id = await desk.addLead(1);
    await desk.decide(id, null);
    const results = await Promise.all([
      assignManually(desk.deps, "ana", id, { ...TO_CY, generation: 1 }),
      assignManually(desk.deps, "rolf", id, { ...TO_CY, ownerId: "di", generation: 1 }),
    ]);
    expect(results).toMatchObject([
      { outcome: "assigned", decision: { ownerId: "cy", generation: 2 } },
      { outcome: "refused", reason: "superseded", situation: { newest: 2, ownerId: "cy" } },
    ]);
    expect(desk.events()).toEqual(["assigned_by_hand"]);
  });
});

describe("assigning by hand again", () => {
  it.each([undefined, 1])(
    "changes nothing when the answer was lost (generation seen: %s)",
    async (generation) => {
      const desk = deskWithReps();
      const id = await desk.addLead(1);
      await desk.decide(id, null);
      const lossy = { ...desk.deps, db: losingAnswerOf(desk.db) };
      const wish = { ...TO_CY, generation };
      await expect(assignManually(lossy, "ana", id, wish)).rejects.toThrow(
        "Network connection lost",
      );
      expect(desk.pending()).toEqual(["notify 2"]);
      expect(await assignManually(lossy, "ana", id, wish)).toMatchObject({
        outcome: "assigned",
        decision: { generation: 2, ownerId: "cy" },
      });
      expect(desk.select("SELECT generation FROM decisions")).toEqual([
        { generation: 1 },
        { generation: 2 },
      ]);
      expect(desk.events()).toEqual(["assigned_by_hand"]);
    },
  );
});
