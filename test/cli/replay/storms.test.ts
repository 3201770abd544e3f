import { expect, it } from "vitest";
import { replay } from "../../../src/cli/replay/replay.ts";
import { planStorm, setUp } from "../../simulation/plan.ts";
import { STORM_MS } from "../../simulation/storm.ts";
import { chains } from "../../simulation/rules.ts";
import { START, World } from "../../simulation/world.ts";
import { exportLines, recordOf } from "./export-lines.ts";

// Storms as the simulation makes them: crashes, lost answers, stalled passes, clocks minutes apart, rules deployed in
// the middle. What a record of such an hour does not allow to be reproduced has a reason that the report can name.

const STORMS = 40;
const LIMIT = 20_000;
const AFTERMATH_MS = 65 * 60_000;

it(
  "reproduces what storms leave to be reproduced, and has a reason for the rest",
  { timeout: 120_000 },
  async () => {
    let [decisions, reproduced, taken] = [0, 0, 0];
    for (let seed = 1; seed <= STORMS; seed++) {
      const world = await weather(seed);
      const record = recordOf(exportLines(world.d1.base, START, world.scheduler.now));
      const before = new Map(chains.map((chain) => [chain.version, chain]));
      const { proof } = replay(record, { after: chains[1], before });

      expect({ seed, unexplained: proof.unexplained }).toEqual({ seed, unexplained: [] });
      decisions += proof.decisions;
      reproduced += proof.reproduced;
      taken += Object.values(proof.taken).reduce((sum, one) => sum + one, 0);
    }
    expect(decisions).toBeGreaterThan(STORMS * 10);
    expect(reproduced / (decisions - taken)).toBeGreaterThan(0.9);
  },
);

async function weather(seed: number): Promise<World> {
  const world = new World(seed);
  const { scheduler, network } = world;
  network.calm = true;
  let ready = false;
  void setUp(world).then(() => (ready = true));
  await scheduler.run(() => ready, LIMIT);
  network.calm = false;
  planStorm(world);
  const ends = scheduler.now + STORM_MS;
  await scheduler.run(() => scheduler.now > ends, LIMIT);
  network.calm = true;
  await scheduler.run(() => scheduler.now > ends + AFTERMATH_MS, LIMIT);
  return world;
}
