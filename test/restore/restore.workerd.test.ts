import { evictDurableObject, runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { startEpoch } from "../../src/restore/start-epoch.ts";
import { closeLead } from "../../src/routing/acts.ts";
import {
  addMembers,
  chainTo,
  openRouter,
  routeLeads,
  select,
  storeLeads,
  type OpenRouter,
} from "../pipeline/open-router.ts";
import { remember } from "./time-travel.ts";

const WHY = { reason: "a wrong import" };

/** A router with a pod of two, four leads routed to it, and what sets D1 back to then. */
async function openRouted(podId: string) {
  const router = openRouter({ chain: chainTo(podId) });
  await addMembers(router, podId, { [`${podId}-ana`]: {}, [`${podId}-bo`]: { openCap: 20 } });
  const leads = await storeLeads(router, 4);
  await routeLeads(router, leads);
  const pod = env.PODS.getByName(podId);
  await runDurableObjectAlarm(pod);
  return { router, pod, leads, goBack: await remember(env.DB) };
}

/** What the pod counts, and what the decisions say that it should. */
async function counts(podId: string) {
  const { members, standing, held, version } = await env.PODS.getByName(podId).snapshot();
  const [pod] = await select(
    `SELECT count(*) AS n, max(claim_seq) AS last, (SELECT version FROM pod_versions WHERE pod_id = ?1) AS version
     FROM decisions WHERE pod_id = ?1`,
    podId,
  );
  const open = await select(
    `SELECT owner_id AS owner, count(*) AS n FROM decisions d WHERE pod_id = ?1 AND NOT EXISTS (
       SELECT 1 FROM events e WHERE e.subject_id = d.lead_id AND e.kind = 'closed') GROUP BY owner_id`,
    podId,
  );
  return {
    counted: {
      standing,
      held,
      version,
      open: Object.fromEntries(members.map((member) => [member.repId, member.open])),
      today: members.reduce((sum, { count }) => sum + count, 0),
    },
    decided: {
      standing: pod?.["n"],
      held: 0,
      version: pod?.["version"],
      open: Object.fromEntries(open.map((row) => [row["owner"], row["n"]])),
      today: pod?.["n"],
    },
    balance: members.reduce((sum, { balance }) => sum + balance, 0),
    last: Number(pod?.["last"]),
  };
}

async function rebuilt(router: OpenRouter, podId: string) {
  const { pods } = await startEpoch(router.deps, "ops", WHY);
  expect(pods).toMatchObject([{ podId, outcome: "rebuilt" }]);
}

describe("D1 set back to before some decisions", () => {
  it("leaves a pod that counts what is gone, until an epoch begins: then it counts what is there", async () => {
    const podId = "back";
    const { router, pod, leads, goBack } = await openRouted(podId);
    const [closed] = leads;
    if (closed === undefined) throw new Error("no lead");
    await closeLead(router.deps, "ops", closed.id, { reason: "won" });
    await addMembers(router, podId, { [`${podId}-cy`]: {} });
    const gone = await storeLeads(router, 5);
    await routeLeads(router, gone);

    await goBack();
    const before = await counts(podId);
    expect(before.counted.standing).toBe(9);
    expect(before.decided.standing).toBe(4);

    await rebuilt(router, podId);
    const after = await counts(podId);
    expect(after.counted).toEqual(after.decided);
    expect(after.balance).toBe(0);
    await evictDurableObject(pod);
    expect((await counts(podId)).counted).toEqual(after.decided);

    // What the queue still holds of leads that are gone is dropped; whoever comes next is routed, by a number above all.
    expect(await routeLeads(router, gone)).toEqual(gone.map(() => "acked"));
    const next = await storeLeads(router, 2);
    await routeLeads(router, next);
    await runDurableObjectAlarm(pod);
    const then = await counts(podId);
    expect(then.counted).toEqual(then.decided);
    expect(then.counted.standing).toBe(6);
    expect(then.last).toBe(11);

    // The slot of a lead that was closed, and no more is, can be freed once more.
    await closeLead(router.deps, "ops", closed.id, { reason: "won again" });
    const freed = await counts(podId);
    expect(freed.counted).toEqual(freed.decided);
  });

  it("refuses the commit of a pass that drew before, and decides the lead by a draw of now", async () => {
    const podId = "between";
    const { router, pod, goBack } = await openRouted(podId);
    const [lead] = await storeLeads(router, 1);
    if (lead === undefined) throw new Error("no lead");
    const back = await remember(env.DB);
    await routeLeads(router, await storeLeads(router, 3));

    // D1 goes back between the pass's claim and its commit.
    let interrupted = false;
    const db: D1Database = new Proxy(env.DB, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name);
        if (name !== "batch") return typeof member === "function" ? member.bind(target) : member;
        return async (statements: D1PreparedStatement[]) => {
          const { held } = await pod.snapshot();
          if (!interrupted && held === 4) {
            interrupted = true;
            await back();
            await rebuilt(router, podId);
          }
          return target.batch(statements);
        };
      },
    });
    const [outcome] = await routeLeads({ ...router, deps: { ...router.deps, db } }, [lead]);
    expect(interrupted).toBe(true);
    expect(outcome).toMatchObject({ retriedAfter: expect.any(Number) });
    expect((await counts(podId)).decided.standing).toBe(4);

    expect(await routeLeads(router, [lead])).toEqual(["acked"]);
    await runDurableObjectAlarm(pod);
    const after = await counts(podId);
    expect(after.counted).toEqual(after.decided);
    expect(after.decided.standing).toBe(5);
    void goBack;
  });

  it("is noticed by a pod that was not told: the first call of the new epoch has it count anew", async () => {
    const podId = "untold";
    const { router, goBack } = await openRouted(podId);
    await routeLeads(router, await storeLeads(router, 3));
    await goBack();
    const nobody = { ...router.deps, chain: chainTo("nobody") };
    await startEpoch(nobody, "ops", WHY);
    expect((await counts(podId)).counted.standing).toBe(7);

    await routeLeads(router, await storeLeads(router, 1));
    await runDurableObjectAlarm(env.PODS.getByName(podId));
    const after = await counts(podId);
    expect(after.counted).toEqual(after.decided);
    expect(after.counted.standing).toBe(5);
  });

  it("twice is no matter: the epoch is later than any a pod has lived in, also by a slow clock", async () => {
    const podId = "twice";
    const { router, pod, goBack } = await openRouted(podId);
    const first = await startEpoch(router.deps, "ops", WHY);
    await goBack();
    const slow = { ...router.deps, now: () => Date.now() - 3_600_000 };
    const second = await startEpoch(slow, "ops", WHY);
    expect(second.epoch).toBeGreaterThan(first.epoch);
    expect(second.pods).toMatchObject([{ outcome: "rebuilt", claims: 4 }]);
    await expect(
      pod
        .claim({ version: 0, wanted: [], full: [] }, first.epoch)
        .catch((error: Error) => error.message),
    ).resolves.toContain("the pod belongs to a later epoch");
  });
});
