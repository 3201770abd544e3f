import { planStorm, setUp, type Promises } from "./plan.ts";
import type { Bug } from "./bug.ts";
import type { Fault } from "./network.ts";
import { STORM_MS } from "./storm.ts";
import { World } from "./world.ts";

/** What one run came to. */
export interface Outcome {
  readonly seed: number;
  readonly violations: readonly string[];
  readonly faults: ReadonlyMap<Fault, number>;
  readonly leads: number;
  readonly happenings: number;
  readonly trace: readonly string[];
}

/** Everything that was in flight when the storm ended has landed by then. */
const AFTERMATH_MS = 65 * 60_000;
/** A run that has not come to rest by then never will. */
const LIMIT = 20_000;

/** Runs the whole router through a storm and holds the outcome against the promises. The seed decides everything. */
export async function simulate(
  seed: number,
  options: { bug?: Bug; traced?: boolean } = {},
): Promise<Outcome> {
  const world = new World(seed, options);
  const { scheduler, network } = world;

  network.calm = true;
  let ready = false;
  void setUp(world).then(() => (ready = true));
  await scheduler.run(() => ready, LIMIT);

  network.calm = false;
  const promises: Promises = planStorm(world);
  const stormEnds = scheduler.now + STORM_MS;
  await scheduler.run(() => scheduler.now > stormEnds, LIMIT);

  network.calm = true;
  const settled = stormEnds + AFTERMATH_MS;
  const end = await scheduler.run(() => scheduler.now > settled && world.isQuiet(), LIMIT);
  world.sweeping = false;
  if (end === "done") world.checks.atRest(promises);
  else world.violate(`the system does not come to rest: ${world.describeUnrest()}`);
  return {
    seed,
    violations: world.violations,
    faults: network.faults,
    leads: promises.accepted.length,
    happenings: scheduler.count,
    trace: world.trace,
  };
}
