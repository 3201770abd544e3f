import { startEpoch } from "../../src/restore/start-epoch.ts";
import type { Promises } from "./plan.ts";
import { STORM_MS } from "./storm.ts";
import type { World } from "./world.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** Plans that D1 is set back to how it stood some minutes before, in the order in which `npm run restore` does it. */
export function planRestore(world: World, promises: Promises): void {
  const { random, scheduler } = world;
  const to = random.whole(0, STORM_MS - MINUTE);
  const at = Math.min(STORM_MS, to + random.pick([5 * SECOND, MINUTE, 5 * MINUTE, 15 * MINUTE]));
  scheduler.after(to, () => {
    world.d1.remember();
    world.note("somebody will wish to be back here");
  });
  scheduler.after(at, () => void restore(world, promises));
}

async function restore(world: World, promises: Promises): Promise<void> {
  const { random, scheduler } = world;
  if (world.pausing) world.pauseQueues();
  // Less than src/restore/cli waits: the passes that D1 cuts short there go on here.
  await scheduler.sleep(random.whole(SECOND, 20 * SECOND));
  goBack(world, promises);
  await scheduler.sleep(random.whole(SECOND, 20 * SECOND));
  if (!world.beginsEpoch) return world.resumeQueues();
  for (let tries = 0; tries < 500; tries++) {
    try {
      const started = world.run("restore", (deps) =>
        startEpoch(deps, "ops", { reason: "a wrong import" }),
      );
      // Whoever asks may die with the call.
      if (await Promise.race([started, scheduler.sleep(MINUTE)])) break;
    } catch (error) {
      world.note(`the epoch is begun again: ${String(error)}`);
      await scheduler.sleep(5 * SECOND);
    }
  }
  world.resumeQueues();
}

/** D1 goes back, and with it what anybody was promised since; the queues and the pods do not. */
function goBack(world: World, promises: Promises): void {
  world.note("D1 is set back");
  const told = countTold(world);
  // "In-flight queries and transactions will be cancelled", says wrangler.
  world.network.cancel("d1");
  // No post lasts longer than 10 seconds (FETCH_LIMIT_MS in src/platform.ts), and the command waits for a minute.
  world.network.cancel("slack");
  world.d1.goBack();
  world.era++;
  world.network.faults.set("restored", 1);
  world.checks.wentBack(told - countTold(world));
  keepOnly(promises.accepted, (accepted) => stillStands(world, accepted.leadId));
  keepOnly(promises.rerouted, ({ leadId, generation }) => isIntended(world, leadId, generation));
}

/** Whether D1 has an accepted lead, by whatever name, or a queue will bring it. */
export function stillStands(world: World, leadId: string): boolean {
  const spilled = [...world.leads.waiting(), ...world.deadLeads.waiting()];
  if (spilled.some((message) => message.leadId === leadId && message.spilled !== undefined))
    return true;
  const found = world.d1.read(
    "SELECT 1 FROM leads WHERE id = coalesce((SELECT lead_id FROM lead_aliases WHERE id = ?1), ?1)",
    leadId,
  );
  return found.length > 0;
}

/** Whether D1 knows of a re-route. */
export function isIntended(world: World, leadId: string, generation: number): boolean {
  const found = world.d1.read(
    `SELECT 1 FROM decisions WHERE lead_id = ?1 AND generation = ?2
     UNION ALL SELECT 1 FROM pending WHERE lead_id = ?1 AND generation = ?2 AND kind = 'route'`,
    leadId,
    generation,
  );
  return found.length > 0;
}

function countTold(world: World): number {
  const [row] = world.d1.read<{ n: number }>(
    "SELECT count(*) AS n FROM events WHERE kind = 'notified'",
  );
  return row?.n ?? 0;
}

function keepOnly<Item>(items: Item[], keeps: (item: Item) => boolean): void {
  items.splice(0, items.length, ...items.filter(keeps));
}
