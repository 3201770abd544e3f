import { createExecutionContext, createMessageBatch, getQueueResult } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import worker from "../../src/index.ts";
import { consumeNotifications } from "../../src/notify/notifications.ts";
import { putReps, waitForStory } from "./client.ts";
import {
  addMembers,
  chainTo,
  deliverNotifications,
  hold,
  openRouter,
  routeLeads,
  select,
  storeLeads,
  type OpenRouter,
} from "./open-router.ts";
import { recordSlack, textsOf } from "./slack.ts";

/** All that routing leaves behind: the audit to the last row, and the pod's ledger without its clock. */
async function everything(router: OpenRouter, podId: string) {
  const { at: _, ...ledger } = await router.deps.pod(podId).snapshot();
  const [decisions, events, commits, pending] = await Promise.all(
    ["decisions", "events", "commits", "pending"].map((table) => select(`SELECT * FROM ${table}`)),
  );
  return { ledger, decisions, events, commits, pending };
}

it("a batch delivered again, and twice at once, changes nothing", async () => {
  const router = openRouter({ chain: chainTo("again") });
  await addMembers(router, "again", { ana: {}, bo: { weight: 2 } });
  const leads = await storeLeads(router, 12);

  const first = await Promise.all([routeLeads(router, leads), routeLeads(router, leads)]);
  expect(new Set(first.flat())).toEqual(new Set(["acked"]));
  const ids = JSON.stringify(leads.map(({ id }) => id));
  const mine = `lead_id IN (SELECT value FROM json_each(?))`;
  expect(await select(`SELECT * FROM decisions WHERE ${mine}`, ids)).toHaveLength(12);
  const ledger = await router.deps.pod("again").snapshot();
  expect(ledger.members.reduce((sum, { count }) => sum + count, 0)).toBe(12);
  expect(ledger.members.reduce((sum, { balance }) => sum + balance, 0)).toBe(0);

  const before = await everything(router, "again");
  for (let delivery = 0; delivery < 3; delivery++)
    expect(new Set(await routeLeads(router, leads))).toEqual(new Set(["acked"]));
  await Promise.all([routeLeads(router, leads), routeLeads(router, leads)]);
  expect(await everything(router, "again")).toEqual(before);
});

it("each rep hears of a lead once, however often its lead and its notification are delivered", async () => {
  const router = openRouter({ chain: chainTo("told") });
  await addMembers(router, "told", { di: {} });
  const leads = await storeLeads(router, 3);
  for (let delivery = 0; delivery < 3; delivery++) await routeLeads(router, leads);
  const messages = [...router.notifications];
  expect(messages.length).toBeGreaterThan(1);
  await deliverNotifications(router);

  const before = await everything(router, "told");
  for (let delivery = 0; delivery < 2; delivery++) {
    const held = hold(messages);
    await consumeNotifications(router.deps, held);
    expect(held.every(({ outcome }) => outcome === "acked")).toBe(true);
  }
  await routeLeads(router, leads);
  expect(router.notifications).toEqual([]);
  expect(await everything(router, "told")).toEqual(before);
  expect(router.posts).toHaveLength(1);
  const notified = before.events?.filter(({ kind }) => kind === "notified");
  expect(notified?.map(({ subject_id }) => subject_id).toSorted()).toEqual(
    leads.map(({ id }) => id).toSorted(),
  );
});

it("the worker's own consumer acknowledges every delivery, and one message reaches Slack", async () => {
  const posts = recordSlack();
  await putReps("everyone", { eve: {} });
  const [lead] = await storeLeads(openRouter(), 1);
  const id = lead?.id ?? "";
  const deliver = async () => {
    const message = { id: "m1", timestamp: Date.now(), attempts: 1 };
    const body = { leadId: id, generation: 1 };
    const batch = createMessageBatch("leads", [{ ...message, body }]);
    const context = createExecutionContext();
    await worker.queue(batch, env);
    return await getQueueResult(batch, context);
  };
  for (const { explicitAcks, retryMessages } of [await deliver(), await deliver(), await deliver()])
    expect({ explicitAcks, retryMessages }).toEqual({ explicitAcks: ["m1"], retryMessages: [] });

  const { decisions, events } = await waitForStory(id);
  expect(decisions).toHaveLength(1);
  expect(events.map(({ kind }) => kind)).toEqual(["notified"]);
  expect(posts.filter((post) => textsOf(post).join().includes("eve"))).toHaveLength(1);
});
