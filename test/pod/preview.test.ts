import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PodSettings } from "../../src/rules/pod.ts";
import { PodCore } from "../../src/pod/pod.ts";
import type { ClaimRequest, PreviewRequest } from "../../src/ports/pod.ts";
import { MemoryPodStorage } from "./memory-storage.ts";
import { member, roster } from "./rosters.ts";

const NOON = Date.UTC(2026, 2, 2, 12);
const HOUR = 3_600_000;

function openPod(settings: PodSettings = {}) {
  const storage = new MemoryPodStorage();
  const world = { now: NOON };
  const pod = new PodCore(
    { id: "dach", settings },
    storage,
    () => world.now,
    async () => ({ claims: new Map(), over: [] }),
    null,
  );
  const stored = () =>
    JSON.stringify([
      storage.readState(),
      storage.readRoster(),
      storage.rowsFrom(0),
      storage.alarmAt,
    ]);
  return { pod, world, stored };
}

function asking(version: number, ...leadIds: readonly string[]): ClaimRequest {
  const wanted = leadIds.map((leadId) => ({ leadId, generation: 1, excluded: {} }));
  return { version, wanted, full: [] };
}

function now(...claims: readonly ClaimRequest[]): PreviewRequest {
  return { claims, at: null, roster: null };
}

const trio = roster(1, member("ana"), member("bo", { weight: 2 }), member("cy", { dailyCap: 1 }));

describe("a preview", () => {
  const rounds = fc.array(
    fc.record({
      leads: fc.integer({ min: 1, max: 3 }),
      refused: fc.option(fc.constantFrom("ana", "bo", "cy"), { nil: undefined }),
      later: fc.integer({ min: 0, max: 30 * HOUR }),
    }),
    { minLength: 1, maxLength: 12 },
  );
  const settings = fc.constantFrom<PodSettings[]>(
    {},
    { dailyCap: 2 },
    { openCap: 2 },
    { dailyCap: 1, whenNobody: "wait", waitAtMost: { hours: 20 } },
  );

  it("answers what the claims that follow it are answered, and leaves everything as it was", () => {
    fc.assert(
      fc.property(settings, rounds, (pods, plan) => {
        const { pod, world, stored } = openPod(pods);
        pod.accept(trio);
        for (const [at, { leads, refused, later }] of plan.entries()) {
          world.now += later;
          const ids = Array.from({ length: leads }, (_, n) => `lead-${at}-${n}`);
          const first = asking(1, ...ids);
          const again: ClaimRequest = {
            ...first,
            wanted: first.wanted.map((lead) => ({
              ...lead,
              refused: refused === undefined ? [] : [refused],
            })),
            full: refused === undefined ? [] : [{ repId: refused, day: "2026-03-02" }],
          };
          const before = [stored(), JSON.stringify(pod.snapshot())];
          const previewed = pod.preview(now(first, again));
          expect([stored(), JSON.stringify(pod.snapshot())]).toEqual(before);
          expect(pod.takeCalled()).toEqual([]);
          expect(previewed).toEqual([pod.claim(first), pod.claim(again)]);
          pod.takeCalled();
        }
      }),
      { numRuns: 200 },
    );
  });

  it("looks at any instant by its hours, absences and days, whatever the pod's clock says", () => {
    const { pod, stored } = openPod({ dailyCap: 1 });
    const absences = [{ from: NOON + 24 * HOUR, until: NOON + 48 * HOUR }];
    pod.accept(roster(1, member("ana", { absences }), member("bo")));
    pod.claim(asking(1, "lead-1", "lead-2"));
    const before = stored();
    const candidatesAt = (at: number) =>
      pod
        .preview({ claims: [asking(1, "lead-3")], at, roster: null })
        .flatMap((answer) => (answer.outcome === "drawn" ? answer.results : []))
        .flatMap(({ candidates }) => candidates.map(({ eligibility }) => eligibility));
    expect(candidatesAt(NOON)).toEqual(["at_daily_cap", "at_daily_cap"]);
    expect(candidatesAt(NOON + 30 * HOUR)).toEqual(["absent", "eligible"]);
    expect(candidatesAt(NOON - 30 * HOUR)).toEqual(["eligible", "eligible"]);
    expect(stored()).toBe(before);
  });

  it("goes by the newer roster it is shown, which the pod does not take over", () => {
    const { pod, stored } = openPod();
    pod.accept(trio);
    const before = stored();
    const newer = roster(2, member("di"));
    expect(pod.preview({ claims: [asking(2, "lead-1")], at: null, roster: newer })).toMatchObject([
      { outcome: "drawn", results: [{ outcome: "claimed", repId: "di" }] },
    ]);
    expect(stored()).toBe(before);
    expect(pod.claim(asking(2, "lead-1"))).toEqual({ outcome: "behind", version: 1 });
  });

  it("knows absences that the pod was not handed, because they had ended", () => {
    const { pod } = openPod();
    pod.accept(roster(1, member("ana")));
    const absences = [{ from: NOON - 72 * HOUR, until: NOON - 48 * HOUR }];
    const complete = roster(1, member("ana", { absences }));
    const at = NOON - 60 * HOUR;
    expect(pod.preview({ claims: [asking(1, "lead-1")], at, roster: complete })).toMatchObject([
      { results: [{ outcome: "nobody", candidates: [{ eligibility: "absent" }] }] },
    ]);
  });
});
