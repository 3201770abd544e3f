import { describe, expect, it } from "vitest";
import { submissionOf } from "../intake/api/fakes.ts";
import { acceptLead } from "../../src/intake/accept.ts";
import type { LeadDraft } from "../../src/rules/lead.ts";
import { FAIR_WEATHER } from "./network.ts";
import { setUp, type Promises } from "./plan.ts";
import { World } from "./world.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** Days on the simulated clock until everything must be at rest. */
const LIMIT = 400_000;

function draft(number: number): LeadDraft {
  return {
    email: `lead${number}@example.test`,
    phone: null,
    name: null,
    company: null,
    companyDomain: null,
    countryCode: "FR",
    region: null,
    source: null,
    score: null,
    fields: {},
  };
}

/** A world with a team and nothing wrong with it. */
async function fairWorld(): Promise<World> {
  const world = new World(7, { weather: FAIR_WEATHER });
  world.network.calm = true;
  let ready = false;
  void setUp(world).then(() => (ready = true));
  await world.scheduler.run(() => ready, LIMIT);
  return world;
}

/** Posts so many leads, one every `pace` milliseconds; what was accepted is promised. */
function postLeads(world: World, leads: number, pace: number): Promises {
  const promises: Promises = { accepted: [], rerouted: [] };
  for (let number = 0; number < leads; number++) {
    world.scheduler.after(number * pace, () => {
      void world
        .run("door", (deps) => acceptLead(deps, submissionOf(draft(number))))
        .then((accepted) => {
          if (accepted.outcome === "received")
            promises.accepted.push({ leadId: accepted.leadId, number, key: null });
        });
    });
  }
  return promises;
}

async function until(world: World, instant: number): Promise<void> {
  await world.scheduler.run(() => world.scheduler.now >= instant, LIMIT);
}

async function untilQuiet(world: World, since: number): Promise<void> {
  const end = await world.scheduler.run(
    () => world.scheduler.now > since + 5 * MINUTE && world.isQuiet(),
    LIMIT,
  );
  expect({ end, rest: world.describeUnrest() }).toMatchObject({ end: "done" });
  world.sweeping = false;
}

function count(world: World, sql: string): number {
  return world.d1.read<{ n: number }>(sql)[0]?.n ?? 0;
}

describe("D1 away for a minute under load", () => {
  it("accepts every lead meanwhile, and routes each afterwards", async () => {
    const world = await fairWorld();
    const begins = world.scheduler.now + 10 * SECOND;
    const promises = postLeads(world, 80, SECOND);
    await until(world, begins);
    world.network.takeAway("d1", MINUTE);
    await until(world, begins + MINUTE);
    const spilledMeanwhile =
      promises.accepted.length - count(world, "SELECT count(*) AS n FROM leads");
    expect(spilledMeanwhile).toBeGreaterThan(30);

    await untilQuiet(world, begins + 2 * MINUTE);
    world.checks.atRest(promises);
    expect(world.violations).toEqual([]);
    expect(promises.accepted.length).toBe(80);
    expect(count(world, "SELECT count(*) AS n FROM decisions WHERE generation = 1")).toBe(80);
  });
});

describe("Slack away for an hour", () => {
  it("delays no assignment, and every message arrives afterwards", async () => {
    const world = await fairWorld();
    const begins = world.scheduler.now;
    world.network.takeAway("slack", 60 * MINUTE);
    const promises = postLeads(world, 40, 30 * SECOND);
    await until(world, begins + 59 * MINUTE);
    expect(count(world, "SELECT count(*) AS n FROM decisions")).toBe(40);
    expect(count(world, "SELECT max(committed_at - decided_at) AS n FROM decisions")).toBeLessThan(
      2 * SECOND,
    );
    expect(world.slack.told.size).toBe(0);

    await untilQuiet(world, begins + 61 * MINUTE);
    world.checks.atRest(promises);
    expect(world.violations).toEqual([]);
    expect([...world.slack.told.values()]).toEqual(Array.from({ length: 40 }, () => 1));
  });
});

describe("a pod away for ten minutes", () => {
  it("sends nobody elsewhere for it: its leads wait and are routed when it is back", async () => {
    const world = await fairWorld();
    const begins = world.scheduler.now;
    world.network.takeAway("pod", 10 * MINUTE);
    const promises = postLeads(world, 5, SECOND);
    await until(world, begins + 9 * MINUTE);
    expect(count(world, "SELECT count(*) AS n FROM decisions")).toBe(0);
    expect(
      count(world, "SELECT count(*) AS n FROM events WHERE kind = 'routing_retried'"),
    ).toBeGreaterThan(4);

    await untilQuiet(world, begins + 12 * MINUTE);
    world.checks.atRest(promises);
    expect(world.violations).toEqual([]);
    expect(count(world, "SELECT count(*) AS n FROM decisions WHERE outcome = 'assigned'")).toBe(5);
  });
});
