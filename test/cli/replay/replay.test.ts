import { describe, expect, it } from "vitest";
import type { Chain } from "../../../src/rules/chain.ts";
import { replay } from "../../../src/cli/replay/replay.ts";
import { busyWeeks, rulesOf, START } from "./busy-weeks.ts";
import { recordOf } from "./export-lines.ts";
import { routerLines } from "./router-lines.ts";

const RULES = rulesOf(80);
const known = (...chains: readonly Chain[]) =>
  new Map(chains.map((chain) => [chain.version, chain]));

describe("a replay of busy weeks, read through the API", { timeout: 60_000 }, () => {
  it.each([1, 4, 12])(
    "reproduces every decision to the unit, and changes nothing with the same rules (weeks %i)",
    async (seed) => {
      const world = await busyWeeks(250, seed);
      const record = recordOf(await routerLines(world, START));
      const { proof, drift, difference } = replay(record, { after: RULES, before: known(RULES) });

      const routed = proof.decisions - (proof.taken.by_hand ?? 0);
      expect(proof).toMatchObject({ reproduced: routed, exact: routed, missed: {} });
      expect(routed).toBeGreaterThanOrEqual(250);
      expect(proof.taken).toEqual({ by_hand: expect.any(Number) });
      expect(drift).toEqual({ same: routed, owner: 0, elsewhere: 0 });
      expect(difference).toMatchObject({
        decisions: routed,
        elsewhere: 0,
        otherRule: 0,
        otherOwner: 0,
      });
      expect(difference.examples).toEqual([]);
    },
  );

  it("explains what it cannot reproduce when the record begins in the middle", async () => {
    const world = await busyWeeks(250, 7);
    const from = START + 4 * 24 * 60 * 60_000;
    const record = recordOf(await routerLines(world, from));
    const { proof, difference } = replay(record, { after: RULES, before: known(RULES) });

    const missed = Object.values(proof.missed).reduce((sum, one) => sum + one, 0);
    const taken = Object.values(proof.taken).reduce((sum, one) => sum + one, 0);
    expect(proof.missed.unexplained).toBeUndefined();
    expect(proof.reproduced + missed + taken).toBe(proof.decisions);
    expect(proof.reproduced).toBeGreaterThan(0.9 * (proof.decisions - taken));
    expect(difference).toMatchObject({ elsewhere: 0, otherRule: 0, otherOwner: 0 });
  });

  it("follows rules that changed in the middle, each decision by its own", async () => {
    const [first, second] = [rulesOf(80), rulesOf(60)];
    const world = await busyWeeks(200, 3, { deploy: { at: 100, rules: second } });
    const record = recordOf(await routerLines(world, START));
    const { proof, versions, difference } = replay(record, {
      after: second,
      before: known(first, second),
    });

    expect(versions.map(({ version, known: is }) => [version, is])).toEqual([
      [first.version, true],
      [second.version, true],
    ]);
    expect(proof.missed).toEqual({});
    // Only what the first rules decided can change, and only upwards of 60.
    expect(difference.moves.some(({ from, to }) => from === "sdr" && to === "enterprise")).toBe(
      true,
    );
  });

  it("takes decisions of rules that nobody has any more as they were", async () => {
    const [first, second] = [rulesOf(80), rulesOf(60)];
    const world = await busyWeeks(150, 5, { deploy: { at: 75, rules: second } });
    const record = recordOf(await routerLines(world, START));
    const { proof, versions } = replay(record, { after: second, before: known(second) });

    expect(versions.find(({ version }) => version === first.version)?.known).toBe(false);
    expect(proof.taken.chain_unknown).toBeGreaterThan(50);
    expect(proof.missed).toEqual({});
  });
});
