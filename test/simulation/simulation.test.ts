import { describe, expect, it } from "vitest";
import { NO_BUG, plant } from "./bug.ts";
import { BUGS, countBends } from "./bugs.ts";
import { huntBug } from "./hunt.ts";
import { simulate } from "./simulate.ts";

// A small budget of what `npm run simulate` does on a large one.

/** Runs within which each planted bug must be caught: several times what it usually takes (see `--bugs`). */
const BUDGET = 400;

describe("the simulation", () => {
  it(
    "keeps every promise in 60 storms, which meet every kind of fault",
    { timeout: 60_000 },
    async () => {
      const met = new Set<string>();
      for (let seed = 1; seed <= 60; seed++) {
        const { violations, leads, faults } = await simulate(seed);
        expect({ seed, violations }).toEqual({ seed, violations: [] });
        expect(leads).toBeGreaterThan(0);
        for (const fault of faults.keys()) met.add(fault);
      }
      expect([...met].toSorted()).toEqual([
        "answer_lost",
        "away",
        "fails",
        "killed",
        "lands_later",
        "restored",
        "stalls",
      ]);
    },
  );

  it("replays a seed exactly", async () => {
    const [first, second] = [
      await simulate(11, { traced: true }),
      await simulate(11, { traced: true }),
    ];
    expect(second.trace).toEqual(first.trace);
    expect(first.trace.length).toBeGreaterThan(20);
  });

  it("plants nothing in a bug that differs in nothing", async () => {
    const outcome = await simulate(5, { bug: plant("nothing", {}) });
    expect(outcome.trace).toEqual((await simulate(5, { bug: NO_BUG })).trace);
    expect(outcome.violations).toEqual([]);
  });
});

describe("a planted bug is caught: left out", () => {
  it.each(BUGS.map((bug) => [bug.name, bug] as const))(
    "%s",
    { timeout: 120_000 },
    async (_name, bug) => {
      const before = countBends();
      expect(await huntBug(bug, BUDGET)).not.toBeNull();
      // A bug that works by bending SQL must have found the SQL it bends.
      if (bug.sql !== NO_BUG.sql) expect(countBends()).toBeGreaterThan(before);
    },
  );
});
