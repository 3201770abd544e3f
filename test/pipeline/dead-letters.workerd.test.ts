import { describe, expect, it } from "vitest";
import type { RouteMessage } from "../../src/record/messages.ts";
import { consumeDeadLeads } from "../../src/routing/consumer.ts";
import { leadOf } from "../intake/api/fakes.ts";
import { failingDatabase } from "./failing-database.ts";
import {
  addMembers,
  chainTo,
  deliverNotifications,
  hold,
  openRouter,
  routeLeads,
  select,
  storeLeads,
} from "./open-router.ts";

/** A router whose pods answer, and one whose pods do not: the same D1, the same queues. */
function openRouters(podId: string) {
  const router = openRouter({ chain: chainTo(podId) });
  const withoutPods = {
    ...router,
    deps: {
      ...router.deps,
      pod: () => {
        throw new Error("Network connection lost.");
      },
    },
  };
  return { router, withoutPods };
}

async function bury(deps: Parameters<typeof consumeDeadLeads>[0], ...bodies: RouteMessage[]) {
  const held = hold(bodies);
  await consumeDeadLeads(deps, held);
  return held.map(({ outcome }) => outcome);
}

const decisionsOf = (id: string) => select("SELECT * FROM decisions WHERE lead_id = ?", id);

describe("a dead letter", () => {
  it("is routed after all when it can be", async () => {
    const { router } = openRouters("late");
    await addMembers(router, "late", { ana: {} });
    const [lead] = await storeLeads(router, 1);
    const letter = { leadId: lead?.id ?? "", generation: 1 };
    expect(await bury(router.deps, letter)).toEqual(["acked"]);
    expect(await decisionsOf(letter.leadId)).toMatchObject([{ owner_id: "ana", pod_id: "late" }]);
  });

  it("that cannot be routed ends unassigned with its cause, and ops hear of it", async () => {
    const { router, withoutPods } = openRouters("away");
    const [lead] = await storeLeads(router, 1);
    const letter = { leadId: lead?.id ?? "", generation: 1 };
    expect(await bury(withoutPods.deps, letter)).toEqual(["acked"]);
    expect(await decisionsOf(letter.leadId)).toMatchObject([
      { outcome: "unassigned", reason: expect.stringContaining("Network connection lost") },
    ]);
    await deliverNotifications(router);
    expect(router.posts.map(({ channel }) => channel)).toEqual(["ops"]);
  });

  it("never overwrites a decision that stands", async () => {
    const { router, withoutPods } = openRouters("stands");
    await addMembers(router, "stands", { bo: {} });
    const leads = await storeLeads(router, 1);
    await routeLeads(router, leads);
    const id = leads[0]?.id ?? "";
    const before = await decisionsOf(id);
    expect(before).toMatchObject([{ owner_id: "bo" }]);
    // Of the second generation nobody ever spoke: a letter alone is no intent.
    const letters = [1, 2].map((generation) => ({ leadId: id, generation }));
    expect(await bury(withoutPods.deps, ...letters)).toEqual(["acked", "acked"]);
    expect(await decisionsOf(id)).toEqual(before);
  });

  it("that carries a spilled lead stores it before it gives up", async () => {
    const { router } = openRouters("nowhere");
    const lead = leadOf(router.deps.newId(), { email: "spilled@dead.test" });
    const letter = { leadId: lead.id, generation: 1, spilled: { lead, idempotencyKey: null } };
    // The pass fails at its first transaction, the one that would have stored the lead.
    const faults = ["D1_ERROR: stalled"];
    const db = failingDatabase(router.deps.db, () => faults.shift() ?? null);
    expect(await bury({ ...router.deps, db }, letter)).toEqual(["acked"]);
    expect(await select("SELECT email FROM leads WHERE id = ?", lead.id)).toEqual([
      { email: "spilled@dead.test" },
    ]);
    expect(await decisionsOf(lead.id)).toMatchObject([{ outcome: "unassigned" }]);
  });

  it("goes again while D1 is away: nothing is given up that could not be written down", async () => {
    const { router } = openRouters("patient");
    const [lead] = await storeLeads(router, 1);
    const id = lead?.id ?? "";
    const db = failingDatabase(router.deps.db, () => "D1_ERROR: Network connection lost.");
    const deps = { ...router.deps, db };
    expect(await bury(deps, { leadId: id, generation: 1 })).toEqual([
      { retriedAfter: expect.any(Number) },
    ]);
    expect(await decisionsOf(id)).toEqual([]);
  });
});
