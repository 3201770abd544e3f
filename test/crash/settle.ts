import { setTimeout as sleep } from "node:timers/promises";
import type { Consistency } from "./answers.ts";
import type { RouterClient } from "./router-client.ts";

/** Often enough to end soon after the last lead is through. */
const SWEEP_EVERY_MS = 5_000;
/**
 * How long the router may take to bring everything back: the sweep leaves a lead alone for 60 s, a row that was
 * swept into a kill waits another 60 s, then 120 s. The pods' alarms come 30 s after a claim and every 60 s.
 */
const PATIENCE_MS = 240_000;

/** Pulls the sweep until nothing waits. False when the router is not quiet after four minutes. */
export async function settle(
  client: RouterClient,
  show: (consistency: Consistency, seconds: number) => void,
): Promise<boolean> {
  const begun = Date.now();
  for (;;) {
    await client.sweep();
    const consistency = await client.readConsistency();
    show(consistency, Math.round((Date.now() - begun) / 1000));
    if (isQuiet(consistency)) return true;
    if (Date.now() - begun > PATIENCE_MS) return false;
    await sleep(SWEEP_EVERY_MS);
  }
}

/** Every lead decided and announced, nothing on the sweep's list, no claim unsettled. */
function isQuiet({ undecided, oldestUnnotified, pending, pods }: Consistency): boolean {
  const waiting = undecided + pending.route + pending.notify + pending.release;
  return waiting === 0 && oldestUnnotified === null && pods.every(({ held }) => held === 0);
}
