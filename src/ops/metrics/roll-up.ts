import type { Deps } from "../../ports/deps.ts";
import { failureMessage } from "../../lib/failure.ts";
import { rows } from "../../lib/query.ts";
import { readCommitted } from "./committed.ts";
import { countCommits } from "./count-commits.ts";
import { countedUpTo, readMark, rollupsAt, writeRollups } from "../../record/rollups.ts";
import { addOnto, readStored } from "../../record/tally.ts";

/**
 * Steps of one run: 10,000 audit rows, or some 80 leads a second at a run a minute, and few enough statements for the free
 * plan (50 an invocation, the sweep's among them).
 */
const MAX_STEPS = 5;

/**
 * Counts what was committed since the last run. Runs beside the sweep and never rejects: what could not be counted is
 * counted next time, and until then metrics say how far they count.
 */
export async function rollUp(deps: Pick<Deps, "db" | "log">): Promise<void> {
  try {
    for (let step = 0; step < MAX_STEPS; step++) if (!(await rollUpNext(deps.db))) return;
  } catch (error) {
    deps.log("warn", "rollup_put_off", { error: failureMessage(error) });
  }
}

/** One step. Yields whether it counted something and more is left. Safe to run any number of times and by several at once. */
export async function rollUpNext(db: D1Database): Promise<boolean> {
  const committed = await readCommitted(db, countedUpTo, readMark());
  const { last, decisions, notices, more } = committed;
  const seen = committed.also[0]?.no;
  if (last === null || seen === undefined) return false;
  const tallies = countCommits(decisions, notices);
  // Read after the mark was seen: if the mark stands there still when they are written, nobody has changed them in between.
  if (tallies.size > 0)
    for (const { bucket, data } of await rows(db, rollupsAt([...tallies.keys()]))) {
      const tally = tallies.get(bucket);
      if (tally !== undefined) tallies.set(bucket, addOnto(readStored(data), tally));
    }
  const counted = await writeRollups(db, tallies, seen, last.no);
  return counted && more;
}
