import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { acceptLead } from "../../src/intake/accept.ts";
import { LEADS_PER_MESSAGE } from "../../src/notify/slack-message.ts";
import { consumeLeads } from "../../src/routing/consumer.ts";
import { DRAFT } from "../intake/fakes.ts";
import { metered } from "./metered-database.ts";
import {
  addMembers,
  chainTo,
  deliverNotifications,
  hold,
  openRouter,
  type OpenRouter,
} from "./open-router.ts";

// What a healthy lead costs in rows of D1, by D1's own meter (PROTOCOL, section 8).

/** A lead and its index by email. */
const AT_INTAKE = 2;
/** A decision and its index by owner. */
const DECISION = 2;
const NOTIFIED = 1;
/** Rows a pod writes for one batch: its state, the claims and the alarm; state and claims once more when they settle. */
const POD_PER_BATCH = 5;
const BUDGET = 6;

async function openMetered(podId: string) {
  const { db, meter } = metered(env.DB);
  const router = openRouter({ db, chain: chainTo(podId) });
  await addMembers(openRouter({ chain: chainTo(podId) }), podId, {
    [`${podId}-ana`]: {},
    [`${podId}-bo`]: {},
  });
  return { router, meter };
}

async function accept({ deps }: OpenRouter, count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    const accepted = await acceptLead(deps, { ...DRAFT, email: `lead-${n}@cost.test` }, null);
    expect(accepted.outcome).toBe("received");
  }
}

/** Routes all that waits in one batch, and announces it. */
async function routeAndTell(router: OpenRouter): Promise<void> {
  const held = hold(router.leads.splice(0));
  await consumeLeads(router.deps, held);
  const told = await deliverNotifications(router);
  expect(
    [...held.map(({ outcome }) => outcome), ...told].every((outcome) => outcome === "acked"),
  ).toBe(true);
}

describe.each([10, 100])("a lead in a batch of %i", (count) => {
  it("costs the rows that the protocol names and not one more", async () => {
    const { router, meter } = await openMetered(`batch-${count}`);
    await accept(router, count);
    expect(meter.rowsWritten).toBe(count * AT_INTAKE);

    await routeAndTell(router);
    const commits = 1 + Math.ceil(count / LEADS_PER_MESSAGE);
    expect(meter.rowsWritten).toBe(count * (AT_INTAKE + DECISION + NOTIFIED) + commits);
    expect((meter.rowsWritten + POD_PER_BATCH) / count).toBeLessThanOrEqual(BUDGET);
  });

  it("delivered once more costs nothing", async () => {
    const { router, meter } = await openMetered(`again-${count}`);
    await accept(router, count);
    const messages = [...router.leads];
    await routeAndTell(router);
    const before = meter.rowsWritten;
    router.leads.push(...messages);
    await routeAndTell(router);
    expect(meter.rowsWritten).toBe(before);
  });
});

it("the rows read for a batch do not grow with the leads that are stored", async () => {
  const { router, meter } = await openMetered("reads");
  const readsOfNextBatch = async () => {
    await accept(router, 100);
    const before = meter.rowsRead;
    await routeAndTell(router);
    return meter.rowsRead - before;
  };
  const first = await readsOfNextBatch();
  for (let batch = 0; batch < 5; batch++) await readsOfNextBatch();
  // A pod without caps of reps: nothing is counted, so only look-ups by key are left.
  expect(await readsOfNextBatch()).toBeLessThanOrEqual(first);
});
