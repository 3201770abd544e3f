import { evictDurableObject, runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import type { ClaimResult } from "../../src/ports/pod.ts";
import {
  addMembers,
  chainTo,
  openRouter,
  routeLeads,
  select,
  storeLead,
  storeLeads,
} from "./open-router.ts";

const MEMBERS = { ana: {}, bo: { weight: 3 }, cy: { weight: 2 }, di: { dailyCap: 7 } };

/** A pod with the same four members each time: one weighs three, one is soon at their cap. */
async function openPod(podId: string) {
  await addMembers(openRouter({ chain: chainTo(podId) }), podId, MEMBERS);
  return env.PODS.getByName(podId);
}

type PodStub = Awaited<ReturnType<typeof openPod>>;

const newId = openRouter().deps.newId;

function newLeads(count: number): string[] {
  return Array.from({ length: count }, () => newId());
}

async function claim(pod: PodStub, leadIds: readonly string[]): Promise<ClaimResult[]> {
  const wanted = leadIds.map((leadId) => ({ leadId, generation: 1, excluded: {} }));
  const answer = await pod.claim({ version: 1, wanted, full: [] }, 0);
  if (answer.outcome !== "drawn") throw new Error(`the pod is behind: ${answer.version}`);
  return [...answer.results];
}

function seqOf(result: ClaimResult): number | null {
  return result.outcome === "claimed" ? result.seq : null;
}

async function totals(pod: PodStub): Promise<Record<string, readonly number[]>> {
  const { members } = await pod.snapshot();
  return Object.fromEntries(
    members.map(({ repId, count, open, received, balance }) => [
      repId,
      [count, open, received, balance],
    ]),
  );
}

describe("a pod", () => {
  it("hands out 200 leads of 20 calls at once as it does one after another", async () => {
    const serial = await openPod("serial");
    const parallel = await openPod("parallel");
    for (const leadId of newLeads(200)) await claim(serial, [leadId]);
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => claim(parallel, newLeads(10))),
    );

    expect(new Set(answers.flat().map(seqOf))).toEqual(
      new Set(Array.from({ length: 200 }, (_, n) => n + 1)),
    );
    const expected = await totals(serial);
    expect(await totals(parallel)).toEqual(expected);
    expect(expected["di"]?.[0]).toBe(7);
    expect(Object.values(expected).reduce((sum, [count = 0]) => sum + count, 0)).toBe(200);
    expect(Object.values(expected).reduce((sum, [, , , balance = 0]) => sum + balance, 0)).toBe(0);
  });

  it("goes on after an eviction as though there had been none", async () => {
    const steady = await openPod("steady");
    const evicted = await openPod("evicted");
    const leads = newLeads(30);
    for (let at = 0; at < 30; at += 5) {
      const some = leads.slice(at, at + 5);
      const winners = async (pod: PodStub) =>
        (await claim(pod, some)).map((result) => ("repId" in result ? result.repId : null));
      const expected = await winners(steady);
      expect(await winners(evicted)).toEqual(expected);
      await evictDurableObject(evicted);
    }
    // A claim that is asked for again, across an eviction, is repeated as it was.
    const before = await totals(evicted);
    expect((await claim(evicted, leads)).map(seqOf)).toEqual(leads.map((_, n) => n + 1));
    expect(await totals(evicted)).toEqual(before);
    expect(before).toEqual(await totals(steady));
  });
});

describe("the pod's alarm", () => {
  it("settles the claims that decisions name, and counts stay", async () => {
    const router = openRouter({ chain: chainTo("settled") });
    const pod = await openPod("settled");
    await routeLeads(router, await storeLeads(router, 12));
    const before = await totals(pod);
    expect((await pod.snapshot()).held).toBe(12);

    expect(await runDurableObjectAlarm(pod)).toBe(true);
    expect((await pod.snapshot()).held).toBe(0);
    expect(await totals(pod)).toEqual(before);
    // With nothing held there is nothing left to look at.
    expect(await runDurableObjectAlarm(pod)).toBe(false);
  });

  it("gives back claims of leads that do not exist, to the unit", async () => {
    const pod = await openPod("ghosts");
    const before = await totals(pod);
    await claim(pod, newLeads(9));
    expect(await totals(pod)).not.toEqual(before);
    await evictDurableObject(pod);
    await runDurableObjectAlarm(pod);
    expect((await pod.snapshot()).held).toBe(0);
    expect(await totals(pod)).toEqual(before);
  });

  it("keeps the claim of an undecided lead, sends the lead on its way, and looks again", async () => {
    const router = openRouter({ chain: chainTo("waiting") });
    const pod = await openPod("waiting");
    const lead = await storeLead(router);
    const [claimed] = await claim(pod, [lead.id]);
    for (let run = 0; run < 2; run++) {
      expect(await runDurableObjectAlarm(pod)).toBe(true);
      expect((await pod.snapshot()).held).toBe(1);
    }
    expect(await select("SELECT kind FROM pending WHERE lead_id = ?", lead.id)).toEqual([
      { kind: "route" },
    ]);
    // The pass that comes then gets the very claim that was held.
    await routeLeads(router, [lead]);
    const [decision] = await select("SELECT * FROM decisions WHERE lead_id = ?", lead.id);
    expect(decision?.["claim_seq"]).toBe(claimed && seqOf(claimed));
    await runDurableObjectAlarm(pod);
    expect((await pod.snapshot()).held).toBe(0);
  });
});
