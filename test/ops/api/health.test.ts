import { describe, expect, it } from "vitest";
import { NOW } from "../../intake/api/fakes.ts";
import { Desk, leadId } from "../../routing/desk.ts";
import { leadsApp } from "./leads/leads-app.ts";

const NINETY_SECONDS_ON = NOW + 90_000;

async function check(desk: Desk) {
  return (await leadsApp(desk.deps).get("/health/consistency")).body;
}

describe("GET /health/consistency", () => {
  it("balances from the first moment on", async () => {
    expect(await check(new Desk())).toEqual({
      balanced: true,
      leads: 0,
      assigned: 0,
      unassigned: 0,
      undecided: 0,
      pending: { route: 0, notify: 0, release: 0, debit: 0 },
      oldestUndecided: null,
      oldestUnnotified: null,
      pods: [{ podId: "dach", claims: 3, held: 2, decisions: 0, version: 4, versionInD1: 0 }],
    });
  });

  it("counts each lead once, by its newest generation, and says what waits for how long", async () => {
    const desk = new Desk({ now: () => NINETY_SECONDS_ON });
    desk.addRep("bo");
    desk.db.sqlite.exec("INSERT INTO members (pod_id, rep_id, joined_at) VALUES ('dach', 'bo', 0)");
    for (const n of [1, 2]) await desk.decide(await desk.addLead(n), null);
    await desk.decide(await desk.addLead(3), "bo");
    for (const n of [10_000, 20_000]) await desk.addLead(n);
    await leadsApp(desk.deps).post(`/leads/${leadId(2)}/assign`, { ownerId: "bo", reason: "fits" });
    await leadsApp(desk.deps).post(`/leads/${leadId(3)}/route`, { force: true, reason: "again" });
    expect(await check(desk)).toEqual({
      balanced: true,
      leads: 5,
      assigned: 2,
      unassigned: 1,
      undecided: 2,
      pending: { route: 1, notify: 1, release: 0, debit: 0 },
      oldestUndecided: { leadId: leadId(10_000), ageSeconds: 80 },
      oldestUnnotified: { leadId: leadId(1), generation: 1, ageSeconds: 90 },
      pods: [{ podId: "dach", claims: 3, held: 2, decisions: 1, version: 4, versionInD1: 1 }],
    });
  });

  it("does not count a decision as waiting once it is settled whom to tell", async () => {
    const desk = new Desk();
    await desk.decide(await desk.addLead(1), null);
    desk.db.sqlite.exec(`
      INSERT INTO events VALUES ('lead', '${leadId(1)}', 'e1', 1, 'notification_skipped', 'router', 0, 2, '{}')`);
    expect((await check(desk)).oldestUnnotified).toBeNull();
  });

  it("is out of balance when a decision has no lead", async () => {
    const desk = new Desk();
    await desk.decide(await desk.addLead(1), null);
    desk.db.sqlite.exec(`DROP TRIGGER leads_refuse_delete; DELETE FROM leads`);
    expect(await check(desk)).toMatchObject({
      balanced: false,
      leads: 0,
      unassigned: 1,
      undecided: 0,
    });
  });

  it("answers though a pod does not", async () => {
    const desk = new Desk();
    desk.podsAway = true;
    expect((await check(desk)).pods).toEqual([
      { podId: "dach", claims: null, held: null, decisions: 0, version: null, versionInD1: 0 },
    ]);
    expect(desk.logged).toEqual(["pod_not_asked"]);
  });
});
