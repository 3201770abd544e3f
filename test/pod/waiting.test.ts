import { describe, expect, it } from "vitest";
import type { PodSettings } from "../../src/rules/pod.ts";
import type { DecisionKey } from "../../src/record/decision-key.ts";
import { PodCore } from "../../src/pod/pod.ts";
import type { ClaimResult } from "../../src/ports/pod.ts";
import { MemoryPodStorage } from "./memory-storage.ts";
import { member, roster } from "./rosters.ts";

const NOON = Date.UTC(2026, 2, 2, 12);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const WAITS: PodSettings = { openCap: 1, whenNobody: "wait", waitAtMost: { hours: 3 } };

function openPod(settings: PodSettings = WAITS) {
  const storage = new MemoryPodStorage();
  const world = { now: NOON, over: [] as DecisionKey[], storage };
  const start = () =>
    new PodCore(
      { id: "dach", settings },
      storage,
      () => world.now,
      async (_podId, claims) => ({
        claims: new Map(claims.map(({ seq }) => [seq, "names_this_claim" as const])),
        over: world.over,
      }),
      storage.alarmAt,
    );
  return { world, start, pod: start() };
}

function ask(pod: PodCore, ...names: string[]): (string | null)[] {
  const wanted = names.map((leadId) => ({ leadId, generation: 1, excluded: {} }));
  const answer = pod.claim({ version: 1, wanted, full: [] });
  if (answer.outcome !== "drawn") throw new Error(answer.outcome);
  return answer.results.map(inWords);
}

function inWords(result: ClaimResult): string | null {
  if (result.outcome === "claimed") return result.repId;
  return result.outcome === "waiting" ? `waits ${result.place}` : null;
}

/** Runs the alarm at the instant it is set for. */
async function alarm(
  pod: PodCore,
  world: { now: number; storage: MemoryPodStorage },
): Promise<void> {
  world.now = Math.max(world.now, world.storage.alarmAt ?? 0);
  world.storage.alarmAt = null;
  await pod.settleHeld();
}

const line = (pod: PodCore) =>
  pod.snapshot().waiting.map(({ leadId, place }) => `${place} ${leadId}`);
const called = (pod: PodCore) => pod.takeCalled().map(({ leadId }) => leadId);

describe("a pod that waits", () => {
  it("keeps leads in line in order and says why, and keeps a lead's place when it is asked again", () => {
    const { pod } = openPod();
    pod.accept(roster(1, member("ana")));
    expect(ask(pod, "l1", "l2", "l3")).toEqual(["ana", "waits 1", "waits 2"]);
    expect(ask(pod, "l3", "l2", "l1")).toEqual(["waits 2", "waits 1", "ana"]);
    expect(pod.snapshot().waiting).toEqual([
      {
        leadId: "l2",
        generation: 1,
        place: 1,
        since: NOON,
        until: NOON + 3 * HOUR,
        reason: "nobody in dach was eligible (1 at their cap of open leads)",
      },
      expect.objectContaining({ leadId: "l3", place: 2 }),
    ]);
  });

  it("drains the line oldest first when a slot is freed, calls the lead's pass, and answers it with the claim", () => {
    const { pod } = openPod();
    pod.accept(roster(1, member("ana")));
    ask(pod, "l1", "l2", "l3");
    pod.release([1]);
    expect(called(pod)).toEqual(["l2"]);
    expect(line(pod)).toEqual(["1 l3"]);
    expect(ask(pod, "l2")).toEqual(["ana"]);
    expect(called(pod)).toEqual([]);
  });

  it("lets no newcomer pass the line", () => {
    const { pod } = openPod();
    pod.accept(roster(1, member("ana")));
    ask(pod, "l1", "l2");
    pod.accept(roster(2, member("ana"), member("bo")));
    expect(called(pod)).toEqual(["l2"]);
    const answer = pod.claim({
      version: 2,
      wanted: [{ leadId: "new", generation: 1, excluded: {} }],
      full: [],
    });
    expect(answer.outcome === "drawn" && answer.results.map(inWords)).toEqual(["waits 1"]);
  });

  it("lets a lead whom nobody may take not hold up those behind it", () => {
    const { pod } = openPod();
    pod.accept(roster(1, member("ana")));
    ask(pod, "l1");
    const excluded = { leadId: "l2", generation: 2, excluded: { ana: "has it now" } };
    pod.claim({ version: 1, wanted: [excluded], full: [] });
    ask(pod, "l3");
    pod.release([1]);
    expect(called(pod)).toEqual(["l3"]);
    expect(line(pod)).toEqual(["1 l2"]);
  });

  it("drains by its alarm when somebody is back", async () => {
    const { pod, world } = openPod({ whenNobody: "wait", waitAtMost: { hours: 3 } });
    pod.accept(roster(1, member("ana", { absences: [{ from: NOON - HOUR, until: NOON + HOUR }] })));
    expect(ask(pod, "l1", "l2")).toEqual(["waits 1", "waits 2"]);
    expect(world.storage.alarmAt).toBe(NOON + HOUR);
    await alarm(pod, world);
    expect(called(pod)).toEqual(["l1", "l2"]);
    expect(ask(pod, "l1", "l2")).toEqual(["ana", "ana"]);
  });

  it("drains when the day turns in the rep's zone", async () => {
    const { pod, world } = openPod({ dailyCap: 1, whenNobody: "wait", waitAtMost: { days: 1 } });
    pod.accept(roster(1, member("tokyo", { timeZone: "Asia/Tokyo" })));
    expect(ask(pod, "l1", "l2")).toEqual(["tokyo", "waits 1"]);
    while (line(pod).length > 0) await alarm(pod, world);
    expect(new Date(world.now).toISOString()).toBe("2026-03-02T15:00:00.000Z");
    expect(called(pod)).toEqual(["l2"]);
  });

  it("remembers a refusal for the rep's day, not for the whole wait", async () => {
    const { pod, world } = openPod({ whenNobody: "wait", waitAtMost: { days: 2 } });
    pod.accept(roster(1, member("ana", { ownDailyCap: 20 })));
    const wanted = [{ leadId: "l1", generation: 1, excluded: {}, refused: ["ana"] }];
    const full = [{ repId: "ana", day: "2026-03-02" }];
    const answer = pod.claim({ version: 1, wanted, full });
    expect(answer.outcome === "drawn" && answer.results.map(inWords)).toEqual(["waits 1"]);
    while (line(pod).length > 0) await alarm(pod, world);
    expect(new Date(world.now).toISOString()).toBe("2026-03-03T00:00:00.000Z");
    expect(ask(pod, "l1")).toEqual(["ana"]);
  });

  it("gives up after waitAtMost: the pass is called, told so, and told so again", async () => {
    const { pod, world, start } = openPod();
    pod.accept(roster(1, member("ana")));
    ask(pod, "l1", "l2");
    while (world.now < NOON + 3 * HOUR) await alarm(pod, world);
    expect(called(pod)).toEqual(["l2"]);
    expect(ask(pod, "l2")).toEqual([null]);
    expect(ask(start(), "l2")).toEqual([null]);
  });

  it("forgets a lead that was decided elsewhere meanwhile", async () => {
    const { pod, world } = openPod();
    pod.accept(roster(1, member("ana")));
    ask(pod, "l1", "l2");
    world.over = [{ leadId: "l2", generation: 1 }];
    await alarm(pod, world);
    expect(line(pod)).toEqual([]);
  });

  it("keeps its line through an eviction", () => {
    const { pod, start } = openPod();
    pod.accept(roster(1, member("ana")));
    ask(pod, "l1", "l2", "l3");
    expect(line(start())).toEqual(["1 l2", "2 l3"]);
  });

  it("passes leads on at once when it does not wait", () => {
    const { pod, world } = openPod({ openCap: 1 });
    pod.accept(roster(1, member("ana")));
    expect(ask(pod, "l1", "l2")).toEqual(["ana", null]);
    expect(world.storage.readState()?.waiting).toEqual([]);
  });
});
