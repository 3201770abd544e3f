import { describe, expect, it } from "vitest";
import { countUnnamed, listPassedOver } from "../../../src/ops/audit/skipped.ts";
import type { TrailStep } from "../../../src/rules/trail.ts";
import { PodCore } from "../../../src/pod/pod.ts";
import { aCandidate } from "../../rules/examples.ts";
import { MemoryPodStorage } from "../../pod/memory-storage.ts";
import { member, roster } from "../../pod/rosters.ts";

const asked: Pick<TrailStep, "rule" | "kind" | "outcome" | "reason" | "podId"> = {
  rule: "DACH",
  kind: "territory",
  outcome: "matched",
  reason: "the country is DE",
  podId: "dach",
};

/** The trail of the n-th lead of a pod of members with these weights. */
function trailOf(nth: number, weights: Readonly<Record<string, number>>): TrailStep[] {
  const core = new PodCore(
    { id: "dach", settings: {} },
    new MemoryPodStorage(),
    () => Date.UTC(2026, 10, 22),
    async () => ({ claims: new Map(), over: [] }),
    null,
  );
  core.accept(roster(1, ...Object.entries(weights).map(([id, weight]) => member(id, { weight }))));
  const wanted = Array.from({ length: nth }, (_, n) => ({
    leadId: `lead-${n}`,
    generation: 1,
    excluded: {},
  }));
  const answer = core.claim({ version: 1, wanted, full: [] });
  const last = answer.outcome === "drawn" ? answer.results.at(-1) : undefined;
  if (last?.outcome !== "claimed") throw new Error("nobody was drawn");
  return [{ ...asked, candidates: last.candidates, picked: last.repId }];
}

describe("who was eligible and not picked", () => {
  it("is told what each was owed as the lead was drawn", () => {
    expect(listPassedOver(trailOf(2, { ana: 1, bo: 1, cy: 1 }), "ana")).toEqual([
      {
        step: 0,
        rule: "DACH",
        podId: "dach",
        eligibility: "eligible",
        reason: "was eligible and owed -0.33 of a lead, but bo was owed 0.67",
        until: null,
        owed: -0.333333333,
        pickedOwed: 0.666666666,
      },
    ]);
  });

  it("is told so when the two were level", () => {
    expect(listPassedOver(trailOf(1, { ana: 1, bo: 1 }), "bo")).toMatchObject([
      {
        reason: "was eligible and level with ana at 0.50 of a lead owed, but ana was first in line",
      },
    ]);
  });

  it("has the weights counted in", () => {
    expect(listPassedOver(trailOf(1, { ana: 1, bo: 3 }), "ana")).toMatchObject([
      { owed: 0.25, pickedOwed: 0.75 },
    ]);
  });

  it("was never owed more than who was picked", () => {
    for (let nth = 1; nth <= 60; nth++) {
      const trail = trailOf(nth, { ana: 1, bo: 2, cy: 3, di: 7 });
      for (const repId of ["ana", "bo", "cy", "di"].filter((id) => id !== trail[0]?.picked)) {
        const [skip] = listPassedOver(trail, repId);
        // Each share is rounded down to a billionth of a lead.
        expect((skip?.owed ?? 0) - (skip?.pickedOwed ?? 0)).toBeLessThanOrEqual(1e-8);
      }
    }
  });
});

describe("who was not eligible", () => {
  it("is told by every rule that came to them what was in the way, and until when", () => {
    const away = aCandidate("bo", { eligibility: "absent", reason: "is away", until: 7 });
    const full = aCandidate("bo", { eligibility: "at_open_cap", reason: "has 2 of 2 open leads" });
    const trail: TrailStep[] = [
      { ...asked, outcome: "no_eligible_rep", candidates: [away] },
      { ...asked, rule: "hot", outcome: "no_match", reason: "the score is missing" },
      { ...asked, rule: "fallback", candidates: [aCandidate("ana"), full], picked: "ana" },
    ];
    const nothing = { podId: "dach", owed: null, pickedOwed: null };
    expect(listPassedOver(trail, "bo")).toEqual([
      { ...nothing, step: 0, rule: "DACH", eligibility: "absent", reason: "is away", until: 7 },
      {
        ...nothing,
        step: 2,
        rule: "fallback",
        eligibility: "at_open_cap",
        reason: "has 2 of 2 open leads",
        until: null,
      },
    ]);
    expect(listPassedOver(trail, "cy")).toEqual([]);
  });

  it("is told as the owner of the lead's account, too", () => {
    const reason = "bo owns account Acme (acme.com) but is away until tomorrow";
    const passed: TrailStep = {
      rule: "matched account",
      kind: "matched_account",
      outcome: "no_eligible_rep",
      reason,
      ownerId: "bo",
    };
    expect(listPassedOver([passed], "bo")).toMatchObject([
      { rule: "matched account", podId: null, eligibility: null, reason },
    ]);
    expect(listPassedOver([passed], "ana")).toEqual([]);
  });
});

it("draws of large pods whose trail leaves the rep out are counted, in the rep's own pods", () => {
  const large = { ...asked, candidates: [aCandidate("ana")], others: { eligible: 59 } };
  const trail: TrailStep[] = [
    large,
    { ...large, podId: "sdr" },
    { ...asked, candidates: [aCandidate("ana")] },
  ];
  expect(countUnnamed(trail, "bo", new Set(["dach"]))).toBe(1);
  expect(countUnnamed(trail, "bo", new Set(["dach", "sdr"]))).toBe(2);
  expect(countUnnamed(trail, "ana", new Set(["dach"]))).toBe(0);
});
