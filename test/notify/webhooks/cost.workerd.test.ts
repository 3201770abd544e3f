import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { consumeDeliveries } from "../../../src/notify/webhooks/deliver.ts";
import type { DeliverMessage } from "../../../src/record/messages.ts";
import { destination } from "../../../src/rules/destination.ts";
import { maintainDeliveries } from "../../../src/notify/webhooks/due.ts";
import { sweep } from "../../../src/sweep/sweep.ts";
import { metered } from "../../pipeline/metered-database.ts";
import {
  addMembers,
  chainTo,
  deliverNotifications,
  hold,
  openRouter,
  routeLeads,
  storeLeads,
} from "../../pipeline/open-router.ts";

// What a destination costs a healthy lead, by the meters of D1: one event, and its share of a commit for every twenty.

const crm = destination("crm", { url: "https://crm.example.com/", secrets: ["CRM_SECRET"] });

/** Rows that decided leads cost from their announcement on, and messages of the queue `deliveries`. */
async function costOf(count: number, destinations: readonly (typeof crm)[]) {
  const podId = `cost-${count}-${destinations.length}`;
  const sent: DeliverMessage[] = [];
  const { db, meter } = metered(env.DB);
  const router = openRouter({
    db,
    chain: chainTo(podId),
    destinations,
    deliveries: { send: async (messages) => void sent.push(...messages) },
    secret: (name) => (name === "CRM_SECRET" ? "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" : null),
    // As the platform takes it: what workerd would not send throws here.
    fetch: async (url, init) =>
      new Response(null, { status: new Request(url, init).redirect === "manual" ? 204 : 200 }),
  });
  await addMembers(router, podId, { [`${podId}-ana`]: {} });
  await routeLeads(router, await storeLeads(router, count));
  const before = { ...meter };
  await deliverNotifications(router);
  const messages = hold(sent);
  await consumeDeliveries(router.deps, messages);
  expect(messages.every(({ outcome }) => outcome === "acked")).toBe(true);
  const cost = {
    written: meter.rowsWritten - before.rowsWritten,
    read: meter.rowsRead - before.rowsRead,
    messages: messages.length,
  };
  return { cost, router, meter };
}

it("the sweep and the list cost nothing more while all is well", async () => {
  const { router, meter } = await costOf(20, [crm]);
  // The sweep looks at all of them, and finds nothing to do.
  const deps = { ...router.deps, now: () => Date.now() + 10 * 60_000 };
  await sweep(deps);
  const before = { ...meter };
  await maintainDeliveries(deps);
  expect(await env.DB.prepare("SELECT count(*) AS n FROM deliveries").first()).toEqual({ n: 0 });
  expect(meter.rowsWritten - before.rowsWritten).toBe(0);
  expect(meter.rowsRead - before.rowsRead).toBeLessThan(10);
});

// At lists of ten: 1.1 rows a lead and 0.1 messages; of a hundred: 1.05 and 0.01.
it.each([
  { count: 10, written: 11, messages: 1 },
  { count: 100, written: 105, messages: 1 },
])(
  "$count leads cost $written rows and $messages messages more",
  async ({ count, written, messages }) => {
    const { cost: without } = await costOf(count, []);
    const { cost } = await costOf(count, [crm]);
    expect(cost.written - without.written).toBe(written);
    expect([without.messages, cost.messages]).toEqual([0, messages]);
    expect((cost.read - without.read) / count).toBeLessThan(60);
  },
);
