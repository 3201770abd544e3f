import { runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { acceptLead } from "../../src/intake/accept.ts";
import { LEADS_PER_MESSAGE } from "../../src/notify/slack/lead-message.ts";
import { consumeLeads } from "../../src/routing/consumer.ts";
import { DRAFT, submissionOf } from "../intake/api/fakes.ts";
import { metered } from "./metered-database.ts";
import { meterPod } from "./metered-pod.ts";
import {
  addMembers,
  chainTo,
  deliverNotifications,
  hold,
  openRouter,
  type OpenRouter,
} from "./open-router.ts";

// What a healthy lead costs in rows, by the meters of D1 and of the pod's own SQLite (DESIGN, section 7; PROTOCOL, section 8).

/** A lead and its index by email. */
const AT_INTAKE = 2;
/** A decision and its index by owner. */
const DECISION = 2;
const NOTIFIED = 1;
/** A batch in its pod: its state, its claims, and the alarm. */
const DRAWN = 3;
/** The state and the claims once more. */
const SETTLED = 2;
/** Rows written per lead, all told. */
const BUDGET = 6;

/** A router and a pod with meters on them. The pod has its tables and its roster: those cost per change of the roster, not per lead. */
async function openMetered(podId: string) {
  const unmetered = openRouter({ chain: chainTo(podId) });
  await addMembers(unmetered, podId, { [`${podId}-ana`]: {}, [`${podId}-bo`]: {} });
  await accept(unmetered, 1);
  await routeAndTell(unmetered);
  const pod = env.PODS.getByName(podId);
  await runDurableObjectAlarm(pod);

  const { db, meter } = metered(env.DB);
  return {
    router: openRouter({ db, chain: chainTo(podId) }),
    meter,
    pod,
    podMeter: await meterPod(pod),
  };
}

async function accept({ deps }: OpenRouter, count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    const accepted = await acceptLead(
      deps,
      submissionOf({ ...DRAFT, email: `lead-${n}@cost.test` }),
    );
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

describe.each([
  { count: 10, perLead: 5.7 },
  { count: 100, perLead: 5.11 },
])("a lead in a batch of $count", ({ count, perLead }) => {
  it(`costs ${perLead} rows, settlement included: within the budget of ${BUDGET}`, async () => {
    const { router, meter, pod, podMeter } = await openMetered(`batch-${count}`);
    await accept(router, count);
    expect(meter.rowsWritten).toBe(count * AT_INTAKE);

    await routeAndTell(router);
    const commits = 1 + Math.ceil(count / LEADS_PER_MESSAGE);
    expect(meter.rowsWritten).toBe(count * (AT_INTAKE + DECISION + NOTIFIED) + commits);
    expect(podMeter.storage.rowsWritten).toBe(DRAWN);

    expect((await pod.snapshot()).held).toBe(count);
    expect(await runDurableObjectAlarm(pod)).toBe(true);
    expect((await pod.snapshot()).held).toBe(0);
    expect(podMeter.storage.rowsWritten).toBe(DRAWN + SETTLED);
    // The alarm did ask D1, and wrote nothing there.
    expect(podMeter.db.rowsRead).toBeGreaterThan(0);
    expect(podMeter.db.rowsWritten).toBe(0);

    const written = meter.rowsWritten + podMeter.db.rowsWritten + podMeter.storage.rowsWritten;
    expect(written / count).toBe(perLead);
    expect(written / count).toBeLessThanOrEqual(BUDGET);
  });

  it("delivered once more costs nothing", async () => {
    const { router, meter, podMeter } = await openMetered(`again-${count}`);
    await accept(router, count);
    const messages = [...router.leads];
    await routeAndTell(router);
    const before = [meter.rowsWritten, podMeter.storage.rowsWritten];
    router.leads.push(...messages);
    await routeAndTell(router);
    expect([meter.rowsWritten, podMeter.storage.rowsWritten]).toEqual(before);
  });
});

it(
  "the rows read for a batch do not grow with the leads that are stored",
  { timeout: 60_000 },
  async () => {
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
  },
);
