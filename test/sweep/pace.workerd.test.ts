import { describe, expect, it } from "vitest";
import { smallestLeadId } from "../../src/lib/ids.ts";
import { sweep } from "../../src/sweep/sweep.ts";
import {
  addMembers,
  chainTo,
  openRouter,
  routeLeads,
  select,
  storeLead,
} from "../pipeline/open-router.ts";
import { textsOf } from "../pipeline/slack.ts";

const MINUTE = 60_000;

describe("what keeps needing another go", () => {
  it("is tried at a pace that doubles up to an hour; ops hear of it once, and it is tried on", async () => {
    const clock = { now: Date.now() };
    const router = openRouter({ chain: chainTo("lost"), now: () => clock.now });
    const received = clock.now - 2 * MINUTE;
    const lead = await storeLead(router, { id: smallestLeadId(received), receivedAt: received });

    const gaps: number[] = [];
    for (let tries = 1; tries <= 9; tries++) {
      await sweep(router.deps);
      // The queue loses the message each time.
      expect(router.leads.splice(0)).toEqual([{ leadId: lead.id, generation: 1 }]);
      const [row] = await select("SELECT due, tries FROM pending WHERE lead_id = ?", lead.id);
      expect(row?.["tries"]).toBe(tries);
      const due = Number(row?.["due"]);
      gaps.push((due - clock.now) / MINUTE);
      clock.now = due - 1;
      await sweep(router.deps);
      expect(router.leads).toEqual([]);
      clock.now += 1;
    }
    expect(gaps).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60]);

    expect(router.posts.map(({ channel }) => channel)).toEqual(["ops"]);
    expect(router.posts.flatMap(textsOf)).toContain(`${lead.id} waits for route`);
    const events = await select("SELECT kind, detail FROM events WHERE subject_id = ?", lead.id);
    expect(events).toEqual([{ kind: "stuck", detail: '{"waitsFor":"route","tries":6}' }]);

    // When it can be routed at last, it is, and waits for nothing but its announcement.
    await addMembers(router, "lost", { ana: {} });
    await routeLeads(router, [lead]);
    const rows = await select("SELECT kind, tries FROM pending WHERE lead_id = ?", lead.id);
    expect(rows).toEqual([{ kind: "notify", tries: 0 }]);
  });

  it("holds up nothing else: a pod that is away keeps its slot waiting, the other is freed", async () => {
    const router = openRouter();
    const wantRelease = async (podId: string) => {
      const at = { ...router, deps: { ...router.deps, chain: chainTo(podId) } };
      await addMembers(at, podId, { [`${podId}-ana`]: {}, [`${podId}-bo`]: {} });
      const lead = await storeLead(at);
      await routeLeads(at, [lead]);
      await router.deps.db
        .prepare("INSERT INTO pending (lead_id, generation, kind, due) VALUES (?, 1, 'release', 0)")
        .bind(lead.id)
        .run();
      return lead.id;
    };
    const stuck = await wantRelease("away");
    await wantRelease("there");
    const deps = {
      ...router.deps,
      pod(podId: string) {
        if (podId === "away") throw new Error("the pod is away");
        return router.deps.pod(podId);
      },
    };
    await sweep(deps);
    const waiting = await select("SELECT lead_id, tries FROM pending WHERE kind = 'release'");
    expect(waiting).toEqual([{ lead_id: stuck, tries: 1 }]);
    const open = async (podId: string) =>
      (await router.deps.pod(podId).snapshot()).members.map((member) => member.open);
    expect(await open("there")).toEqual([0, 0]);
    expect(await open("away")).toEqual([1, 0]);
  });
});
