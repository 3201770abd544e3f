import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { packTrail, unpackTrail } from "../../../src/record/stored-trail.ts";
import type { Candidate, TrailStep } from "../../../src/rules/trail.ts";

const count = fc.nat({ max: 500 });
const cap = fc.option(fc.nat({ max: 500 }));

const candidate: fc.Arbitrary<Candidate> = fc
  .record({
    repId: fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/),
    count,
    cap,
    weight: fc.integer({ min: 1, max: 1000 }),
    balance: fc.integer(),
    after: fc.option(fc.integer()),
    judged: fc.oneof(
      fc.constant(null),
      fc.record({
        eligibility: fc.constantFrom("absent", "at_daily_cap", "excluded", "eligible"),
        reason: fc.string(),
        until: fc.option(fc.nat()),
      }),
    ),
  })
  .map(({ judged, after, ...counted }) => ({
    ...counted,
    ...(judged ?? {
      eligibility: "eligible",
      reason:
        counted.cap === null
          ? `has ${counted.count} leads today`
          : `has ${counted.count} of ${counted.cap} leads today`,
      until: null,
    }),
    ...(after !== null && { balanceAfter: after }),
  }));

const step: fc.Arbitrary<TrailStep> = fc.record(
  {
    rule: fc.string(),
    kind: fc.constantFrom("territory", "score", "fallback"),
    outcome: fc.constantFrom("matched", "no_match", "no_eligible_rep"),
    reason: fc.string(),
    podId: fc.string(),
    candidates: fc.array(candidate, { maxLength: 8 }),
    others: fc.constant({ absent: 3 }),
    picked: fc.string(),
  },
  { requiredKeys: ["rule", "kind", "outcome", "reason"] },
);

describe("a stored trail", () => {
  it("is read as it was written, whatever it says", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 6 }), (trail) => {
        expect(unpackTrail(packTrail(trail))).toEqual(trail);
      }),
    );
  });

  it("of earlier days, with candidates spelled out, is read too", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 6 }), (trail) => {
        expect(unpackTrail(JSON.stringify(trail))).toEqual(trail);
      }),
    );
  });

  it("takes less than half of what it is spelled out", () => {
    const eligible = (n: number): Candidate => ({
      repId: `rep-${n}`,
      eligibility: "eligible",
      reason: `has ${n} of 15 leads today`,
      until: null,
      count: n,
      cap: 15,
      weight: 1,
      balance: -250_000_000,
      balanceAfter: 83_333_333,
    });
    const trail: TrailStep[] = [
      {
        rule: "DACH",
        kind: "territory",
        outcome: "matched",
        reason: "the country is DE",
        podId: "dach",
        candidates: Array.from({ length: 10 }, (_, n) => eligible(n)),
        picked: "rep-3",
        runnerUp: "rep-4",
      },
    ];
    expect(packTrail(trail).length).toBeLessThan(JSON.stringify(trail).length / 2);
  });
});
