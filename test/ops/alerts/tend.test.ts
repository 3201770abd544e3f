import { describe, expect, it } from "vitest";
import { consumeDeadNotifications } from "../../../src/notify/notifications.ts";
import { consumeDeadLeads } from "../../../src/routing/consumer.ts";
import { requestReroute } from "../../../src/routing/reroute.ts";
import { OLDEST_LIMIT } from "../../../src/sweep/stuck.ts";
import { sweep } from "../../../src/sweep/sweep.ts";
import { HOUR, MINUTE, openAlerts } from "./alerts-world.ts";

describe("while all is well", () => {
  it("nobody is told, and nothing is written", async () => {
    const world = openAlerts();
    await world.decide({ leads: 100, unassigned: 19, seconds: 5 });
    await world.tendFor(90);
    expect(world.told).toEqual([]);
    expect([world.rowsOf("alerts"), world.rowsOf("events")]).toEqual([[], []]);
  });

  it("too few leads say nothing", async () => {
    const world = openAlerts();
    await world.decide({ leads: 19, unassigned: 19, seconds: 900 });
    await world.tend();
    expect(world.told).toEqual([]);
    expect(await world.alert("unassigned_share")).toMatchObject({ value: null, raisedAt: null });
    expect(await world.alert("time_to_assignment")).toMatchObject({ value: null });
  });
});

describe("ops are told once, and once when it is over,", () => {
  it("that leads wait long for their rep", async () => {
    const world = openAlerts();
    await world.decide({ leads: 94, seconds: 1 });
    await world.decide({ leads: 6, seconds: 75 });
    await world.tendFor(20);
    expect(world.told).toHaveLength(1);
    expect(world.told[0]).toMatch(/95 % are decided within \d+ s; the limit is 60 s/);
    expect((await world.alert("time_to_assignment")).value).toBeCloseTo(75, -1);

    world.clock.now += HOUR;
    await world.decide({ leads: 100, seconds: 1 });
    await world.tendFor(31);
    expect(world.told).toHaveLength(2);
    expect(world.told[1]).toContain("An alert of the lead router is over");
    expect(world.rowsOf("alerts")).toEqual([]);
    expect(world.events()).toMatchObject([
      { subject_id: "time_to_assignment", kind: "alert", detail: { state: "raised" } },
      { subject_id: "time_to_assignment", kind: "alert", detail: { state: "over" } },
    ]);
  });

  it("that many leads find no rep", async () => {
    const world = openAlerts();
    await world.decide({ leads: 20, unassigned: 4 });
    await world.tendFor(3);
    expect(world.told).toHaveLength(1);
    expect(world.told[0]).toContain("Many leads find no rep: 20 %; the limit is 20 %");
  });

  it("that leads were given up on, by no pass routed or by nobody told", async () => {
    const world = openAlerts();
    await world.addRep("bo", { sdr: {} });
    const [poison, silent] = [await world.addLead(), await world.addLead()];
    world.down.add("sdr");
    await consumeDeadLeads(world.deps, [deliveryOf({ leadId: poison.id, generation: 1 })]);
    world.down.delete("sdr");
    await world.route(silent);
    const decisions = [{ leadId: silent.id, generation: 1 }];
    await consumeDeadNotifications(world.deps, [deliveryOf({ decisions })]);
    world.told.splice(0);

    expect(await world.alert("dead_letters")).toMatchObject({ value: 2, limit: 1 });
    await world.tendFor(30);
    expect(world.told).toHaveLength(1);
    expect(world.told[0]).toContain("given up on in the last hour: 2 leads");
    await world.tendFor(65);
    expect(world.told).toHaveLength(2);
    world.clock.now += 7 * 24 * HOUR;
    await world.tend();
    expect(world.rowsOf("dead_letters")).toEqual([]);
  });

  it("that a lead is not decided", async () => {
    const world = openAlerts();
    const { id } = await world.addLead();
    const cron = async (minutes: number) => {
      for (let minute = 0; minute < minutes; minute++) {
        await sweep(world.deps);
        await world.tend();
        world.clock.now += MINUTE;
      }
    };
    await cron(5);
    expect(world.told).toEqual([]);
    await cron(5);
    expect(world.told).toHaveLength(1);
    expect(world.told[0]).toContain("A lead has been undecided for 5 min; the limit is 5 min");
    expect((await world.alert("oldest_pending")).value).toBeGreaterThan(300);

    await world.addRep("bo", { sdr: {} });
    await world.route({ id });
    await cron(31);
    expect(world.told.filter((text) => text.includes("router is over"))).toHaveLength(1);
  });
});

it("a dead letter counts once, however often it is delivered, and never over a decision that stands", async () => {
  const world = openAlerts();
  await world.addRep("bo", { sdr: {} });
  const [poison, decided] = [await world.addLead(), await world.addLead()];
  await world.route(decided);
  world.down.add("sdr");
  for (const { id } of [poison, poison, decided])
    await consumeDeadLeads(world.deps, [deliveryOf({ leadId: id, generation: 1 })]);
  expect(world.rowsOf("dead_letters")).toMatchObject([{ lead_id: poison.id, kind: "route" }]);
});

it("a lead that is to be routed again waits since somebody asked for it, not since it came in", async () => {
  const world = openAlerts();
  await world.addRep("bo", { sdr: {} });
  const { id } = await world.addLead();
  await world.route({ id });
  await sweep(world.deps);
  world.clock.now += 72 * HOUR;
  const wish = { force: true, reason: "the wrong region", excludeOwner: true };
  expect(await requestReroute(world.deps, "ana", id, wish)).toMatchObject({ outcome: "requested" });
  for (let minute = 0; minute < 6; minute++) {
    world.clock.now += MINUTE;
    await sweep(world.deps);
  }
  expect((await world.alert("oldest_pending")).value).toBe(360);
});

describe("what does not count", () => {
  it("leads that a pod keeps in line, as rules.ts has it", async () => {
    const world = openAlerts();
    await world.addRep("bo", { patient: {} }, { workingHours: { mon: [["09:00", "17:00"]] } });
    const lead = await world.addLead({ countryCode: "JP" });
    expect(await world.route(lead)).toBeUndefined();
    await world.decide({ leads: 50, seconds: 3_000, pod: "patient" });
    await world.decide({ leads: 50, seconds: 1 });
    for (let minute = 0; minute < 60; minute++) {
      await sweep(world.deps);
      await world.tendFor(1);
    }
    expect(world.told).toEqual([]);
    expect(await world.alert("oldest_pending")).toMatchObject({ value: 0 });
  });

  it("leads of this morning, where there are enough since", async () => {
    const world = openAlerts();
    await world.decide({ leads: 100, unassigned: 100, minutesAgo: 120 });
    await world.decide({ leads: 20 });
    await world.tend();
    expect(world.told).toEqual([]);
  });
});

it("a team with few leads hears too: the last twenty of the day count", async () => {
  const world = openAlerts();
  for (let hour = 1; hour <= 20; hour++)
    await world.decide({ leads: 1, unassigned: hour % 2, minutesAgo: hour * 60 });
  await world.tend();
  expect(world.told[0]).toContain("Many leads find no rep: 50 %");
});

it("a team that has twenty leads in a week hears too, and hears again daily while few come in", async () => {
  const world = openAlerts();
  for (let lead = 1; lead <= 20; lead++)
    await world.decide({ leads: 1, unassigned: lead % 2, minutesAgo: lead * 8 * 60 });
  await world.tend();
  expect(world.told[0]).toContain("Many leads find no rep: 50 %");
  world.clock.now += 24 * HOUR;
  await world.tendFor(2);
  expect(world.told).toHaveLength(2);
  expect(world.told[1]).toContain(
    "Still: ALERT_UNASSIGNED_SHARE (20 %) was reached; the value of now cannot be told.",
  );
  world.clock.now += 24 * HOUR;
  await world.tendFor(2);
  expect(world.told[2]).toContain("Over: ALERT_UNASSIGNED_SHARE (20 %) is kept again, now unknown");
  expect(world.rowsOf("alerts")).toEqual([]);
});

describe("the oldest lead that is not decided", () => {
  const PENDING =
    "INSERT INTO pending (lead_id, generation, kind, due, tries) VALUES (?, 1, ?, ?, ?)";
  const DECISION = `
    INSERT INTO decisions (lead_id, generation, outcome, reason, trail, chain_version, decided_at, committed_at, commit_no, attempts, decided_by)
    VALUES (?, 1, 'unassigned', '', '[]', '', 0, 0, 1, 1, 'router')`;

  async function openStuck() {
    const world = openAlerts();
    const lead = await world.addLead();
    const { sqlite } = world.db;
    sqlite.exec("DELETE FROM pending");
    sqlite.prepare("UPDATE marks SET value = ? WHERE name = 'sweep'").run(lead.id);
    world.clock.now += 3 * HOUR;
    return { world, lead, pend: sqlite.prepare(PENDING) };
  }

  it("is seen behind any number of rows of other kinds, and of leads that stand in line", async () => {
    const { world, lead, pend } = await openStuck();
    pend.run(lead.id, "route", world.clock.now + 40 * MINUTE, 9);
    for (let n = 0; n <= OLDEST_LIMIT; n++) {
      pend.run(`told-${n}`, "notify", world.clock.now - 10 * MINUTE, 3);
      pend.run(`lined-${n}`, "route", world.clock.now + 10 * MINUTE, 0);
    }
    expect((await world.alert("oldest_pending")).value).toBe(3 * 60 * 60);
  });

  it("is seen when no sweep came for it", async () => {
    const { world, lead, pend } = await openStuck();
    pend.run(lead.id, "route", world.clock.now - 2 * MINUTE, 0);
    for (let n = 0; n <= OLDEST_LIMIT; n++)
      pend.run(`told-${n}`, "notify", world.clock.now - 10 * MINUTE, 3);
    expect((await world.alert("oldest_pending")).value).toBe(3 * 60 * 60);
  });

  it("is unknown, not 0, while the sweep is further behind than a look reaches", async () => {
    const { world, lead } = await openStuck();
    const { sqlite } = world.db;
    const decided = async (from: number, to: number) => {
      for (let n = from; n <= to; n++) {
        const id = `${lead.id}-${String(n).padStart(4, "0")}`;
        sqlite.prepare("INSERT INTO leads (id, received_at, fields) VALUES (?, 0, '{}')").run(id);
        sqlite.prepare(DECISION).run(id);
      }
      return (await world.alert("oldest_pending")).value;
    };
    expect(await decided(1, OLDEST_LIMIT)).toBe(0);
    expect(await decided(OLDEST_LIMIT + 1, OLDEST_LIMIT + 1)).toBeNull();
  });
});

describe("Slack", () => {
  it("that is away is told later, once; the audit says when", async () => {
    const world = openAlerts();
    await world.decide({ leads: 20, unassigned: 20 });
    world.slack.status = 503;
    await world.tendFor(5);
    expect([world.told, world.events()]).toEqual([[], []]);
    expect(await world.alert("unassigned_share")).toMatchObject({ news: "raised", toldAt: null });
    world.slack.status = 200;
    await world.tendFor(5);
    expect(world.told).toHaveLength(1);
    expect(world.events()).toMatchObject([{ subject_type: "alert", detail: { untold: null } }]);
    expect(await world.alert("unassigned_share")).toMatchObject({ news: null });
  });

  it("that is away until it is over is told from when to when it was", async () => {
    const world = openAlerts();
    world.slack.status = 503;
    await world.decide({ leads: 20, unassigned: 15 });
    await world.tendFor(3);
    world.clock.now += HOUR;
    await world.decide({ leads: 100 });
    await world.tendFor(35);
    world.slack.status = 200;
    await world.tendFor(3);
    expect(world.told).toHaveLength(1);
    expect(world.told[0]).toMatch(
      /Over before you could be told: ALERT_UNASSIGNED_SHARE \(20 %\) was not kept from [-\d]+ \d\d:\d\d UTC to [-\d]+ \d\d:\d\d UTC, now 0 %/,
    );
    expect(world.rowsOf("alerts")).toEqual([]);
  });

  it("hears again when it gets ten times as bad", async () => {
    const world = openAlerts();
    const insert =
      "INSERT INTO dead_letters (lead_id, generation, kind, at) VALUES (?, 1, 'route', ?)";
    const lose = world.db.sqlite.prepare(insert);
    for (const count of [1, 8, 1, 80, 90]) {
      for (let n = 0; n < count; n++)
        lose.run(`lost-${count}-${world.clock.now}-${n}`, world.clock.now);
      await world.tendFor(2);
    }
    expect(world.told).toHaveLength(3);
    expect(world.told[1]).toContain("Far worse: Leads were given up on in the last hour: 10 leads");
    expect(world.told[2]).toContain(
      "Far worse: Leads were given up on in the last hour: 180 leads",
    );
  });

  it("that nobody set up is tried once, and the audit says so", async () => {
    const world = openAlerts();
    world.secrets.delete("SLACK_OPS_WEBHOOK_URL");
    await world.decide({ leads: 20, unassigned: 20 });
    await world.tendFor(5);
    expect(world.events()).toMatchObject([
      { detail: { state: "raised", untold: "SLACK_OPS_WEBHOOK_URL is not set" } },
    ]);
  });

  it("gets one message of everything that was raised in a minute", async () => {
    const world = openAlerts();
    await world.decide({ leads: 20, unassigned: 20, seconds: 900 });
    await world.tend();
    expect(world.told).toHaveLength(1);
    expect(world.told[0]).toContain("2 alerts of the lead router");
  });
});

it("an alert that is turned off is forgotten, and nobody is told", async () => {
  const world = openAlerts();
  await world.decide({ leads: 20, unassigned: 20 });
  await world.tend();
  world.secrets.set("ALERT_UNASSIGNED_SHARE", "off");
  await world.tendFor(2);
  expect(world.told).toHaveLength(1);
  expect(world.rowsOf("alerts")).toEqual([]);
  expect(await world.alert("unassigned_share")).toMatchObject({ limit: null, raisedAt: null });
});

it("never stops the cron: what cannot be checked is said in the log", async () => {
  const world = openAlerts();
  world.db.batch = () => Promise.reject(new Error("jane@acme.test"));
  await world.tend();
  expect(world.logged.at(-1)).toContain("alerts_not_checked");
  expect(world.logged.join()).not.toContain("jane");
});

function deliveryOf<Body>(body: Body) {
  return { body, attempts: 100, ack: () => {}, retry: () => {} };
}
