import { describe, expect, test } from "vitest";
import { explainAssigned, explainUnassigned } from "../../src/rules/explain.ts";
import type { Candidate, TrailStep } from "../../src/rules/trail.ts";
import { aCandidate } from "./examples.ts";

const missed: TrailStep = {
  rule: "US",
  kind: "territory",
  outcome: "no_match",
  reason: "the country is DE, not US",
};

function taken(candidates: readonly Candidate[], runnerUp?: string): TrailStep {
  return {
    rule: "DACH",
    kind: "territory",
    outcome: "matched",
    reason: "the country is DE",
    podId: "dach",
    candidates,
    picked: "bo",
    ...(runnerUp === undefined ? {} : { runnerUp }),
  };
}

function passed(
  kind: TrailStep["kind"],
  rule: string,
  podId: string,
  about: Partial<TrailStep>,
): TrailStep {
  return {
    rule,
    kind,
    outcome: "no_eligible_rep",
    reason: "the country is DE",
    podId,
    candidates: [],
    ...about,
  };
}

describe("why a rep got a lead", () => {
  test("they were owed the most", () => {
    const candidates = [
      aCandidate("bo", { balance: 500_000_000 }),
      aCandidate("cy"),
      aCandidate("di", { balance: -500_000_000 }),
      aCandidate("ed", { eligibility: "absent" }),
    ];
    expect(explainAssigned([missed, taken(candidates, "cy")])).toBe(
      "bo was next in dach (owed the most of 3 eligible): the rule DACH matched because the country is DE.",
    );
  });

  test("they were level with another and came first", () => {
    expect(explainAssigned([taken([aCandidate("bo"), aCandidate("cy")], "cy")])).toBe(
      "bo was next in dach (level with cy and first in line, of 2 eligible): the rule DACH matched because the country is DE.",
    );
  });

  test("of equal balance, the greater weight is owed more", () => {
    const candidates = [aCandidate("bo", { weight: 2 }), aCandidate("cy")];
    expect(explainAssigned([taken(candidates, "cy")])).toContain("(owed the most of 2 eligible)");
  });

  test("nobody else was eligible", () => {
    const candidates = [aCandidate("bo"), aCandidate("cy", { eligibility: "at_open_cap" })];
    expect(explainAssigned([taken(candidates)])).toContain(
      "bo was next in dach (the only one eligible):",
    );
  });

  test("in a large pod those not listed count too", () => {
    const step = {
      ...taken([aCandidate("bo", { balance: 7 }), aCandidate("cy")], "cy"),
      others: { eligible: 60, absent: 4 },
    };
    expect(explainAssigned([step])).toContain("(owed the most of 62 eligible)");
  });

  test("they own the account", () => {
    const reason = "bo owns account Acme (acme.com)";
    const step: TrailStep = {
      rule: "matched account",
      kind: "matched_account",
      outcome: "matched",
      reason,
    };
    expect(explainAssigned([step])).toBe("bo owns account Acme (acme.com).");
  });

  test("a trail without a match is refused", () => {
    expect(() => explainAssigned([missed])).toThrow("no step of the trail matched");
  });
});

describe("why nobody got a lead", () => {
  test("each dead end is named, with its obstacles counted", () => {
    const full = ["bo", "cy"].map((repId) => aCandidate(repId, { eligibility: "at_daily_cap" }));
    const trail = [
      missed,
      passed("territory", "DACH", "dach", {
        candidates: [...full, aCandidate("di", { eligibility: "absent" })],
      }),
      passed("fallback", "fallback", "everyone", {
        candidates: [aCandidate("ed", { eligibility: "inactive" })],
        others: { at_own_daily_cap: 2, at_open_cap: 1, excluded: 1, inactive: 3 },
      }),
    ];
    expect(explainUnassigned(trail)).toBe(
      "No rule found a rep: DACH matched but nobody in dach was eligible (2 at their daily cap, 1 away); " +
        "the fallback matched too, but nobody in everyone was eligible " +
        "(2 at their own cap over all pods, 1 at their cap of open leads, 4 deactivated, 1 excluded for this lead).",
    );
  });

  test("an owner who could not have it is a dead end as well", () => {
    const reason =
      "bo owns account Acme (acme.com) but is away until 2026-12-01 09:00 Europe/Berlin";
    const owner: TrailStep = {
      rule: "matched account",
      kind: "matched_account",
      outcome: "no_eligible_rep",
      reason,
    };
    expect(explainUnassigned([owner, passed("fallback", "fallback", "everyone", {})])).toBe(
      `No rule found a rep: ${reason}; the fallback matched too, but everyone has no members.`,
    );
  });

  test("an empty trail", () => {
    expect(explainUnassigned([])).toBe("No rule found a rep: none matched.");
  });
});
