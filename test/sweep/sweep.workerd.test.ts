import { createScheduledController } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import worker from "../../src/index.ts";
import { smallestLeadId } from "../../src/lib/ids.ts";
import { GRACE_MS, sweep } from "../../src/sweep/sweep.ts";
import { putReps, waitForStory } from "../pipeline/client.ts";
import {
  addMembers,
  chainTo,
  deliverNotifications,
  openRouter,
  routeLeads,
  select,
  storeLead,
} from "../pipeline/open-router.ts";
import { recordSlack } from "../pipeline/slack.ts";

const HOUR = 60 * 60_000;

// The mark only moves forward, and all tests share one database: each has an hour of its own, and what
// the one before it left to be done is gone.
let hour = Math.ceil(Date.now() / HOUR) * HOUR;
beforeEach(async () => {
  hour += HOUR;
  await env.DB.prepare("DELETE FROM pending").run();
});

/** A router in the present hour. What its sweep finds is in `leads` and `notifications`. */
function openAt(podId: string) {
  const clock = { now: hour };
  const router = openRouter({ chain: chainTo(podId), now: () => clock.now });
  const storeAt = (instant: number) =>
    storeLead(router, { id: smallestLeadId(instant), receivedAt: instant });
  return { ...router, clock, storeAt };
}

const pendingOf = (id: string) => select("SELECT kind, due FROM pending WHERE lead_id = ?", id);

it("a lead whose message was lost is decided and announced after the cron ran", async () => {
  const posts = recordSlack();
  await putReps("everyone", { ana: {} });
  const received = Date.now() - 2 * GRACE_MS;
  const id = smallestLeadId(received);
  await storeLead(openRouter(), { id, receivedAt: received, countryCode: "FR", score: 1 });
  await worker.scheduled(createScheduledController(), env);
  expect((await waitForStory(id)).lead).toMatchObject({ state: "assigned", ownerId: "ana" });
  expect(posts).toHaveLength(1);
  expect(await pendingOf(id)).toEqual([]);
});

describe("the sweep", () => {
  it("sends an undecided lead again once it is older than the grace, and no sooner", async () => {
    const { deps, leads, clock, storeAt } = openAt("grace");
    const { id } = await storeAt(clock.now - GRACE_MS);
    await sweep(deps);
    expect(leads).toEqual([]);
    clock.now += 1;
    await sweep(deps);
    expect(leads).toEqual([{ leadId: id, generation: 1 }]);
  });

  it("announces a decision of which nobody was told, once", async () => {
    const router = openAt("mute");
    await addMembers(router, "mute", { bo: {} });
    const lead = await router.storeAt(router.clock.now - 2 * GRACE_MS);
    await routeLeads(router, [lead]);
    router.notifications.length = 0;

    await sweep(router.deps);
    expect(router.leads).toEqual([]);
    expect(router.notifications).toEqual([{ decisions: [{ leadId: lead.id, generation: 1 }] }]);
    await deliverNotifications(router);
    expect(router.posts).toHaveLength(1);
    expect(await pendingOf(lead.id)).toEqual([]);
    router.clock.now += HOUR / 2;
    await sweep(router.deps);
    expect(router.notifications).toEqual([]);
  });

  it("finds a lead that landed behind its mark", async () => {
    const { deps, leads, clock, storeAt } = openAt("behind");
    await storeAt(clock.now - 2 * GRACE_MS);
    await sweep(deps);
    leads.length = 0;

    const { id } = await storeAt(clock.now - 5 * GRACE_MS);
    await sweep(deps);
    expect(leads).toEqual([{ leadId: id, generation: 1 }]);
  });

  it("looks at all that came in, sends a thousand leads off in steps, and loses none", async () => {
    const { deps, leads, clock, storeAt } = openAt("many");
    const old = clock.now - 5 * GRACE_MS;
    const stored = await Promise.all(Array.from({ length: 1100 }, (_, n) => storeAt(old + n)));
    await sweep(deps);
    expect(await select("SELECT count(*) AS n FROM pending")).toEqual([{ n: 1100 }]);
    for (let run = 1; run < 3; run++) await sweep(deps);
    expect(leads.map(({ leadId }) => leadId).toSorted()).toEqual(stored.map(({ id }) => id));
  });

  it("writes no row for leads that are decided and announced", async () => {
    const router = openAt("healthy");
    await addMembers(router, "healthy", { cy: {} });
    const old = router.clock.now - 2 * GRACE_MS;
    const leads = await Promise.all([1, 2, 3].map((n) => router.storeAt(old + n)));
    await routeLeads(router, leads);
    await deliverNotifications(router);
    expect(await select("SELECT * FROM pending")).toEqual([]);
    await sweep(router.deps);
    expect(await select("SELECT * FROM pending")).toEqual([]);
    expect([...router.leads, ...router.notifications]).toEqual([]);
  });
});
