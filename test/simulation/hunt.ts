import type { Bug } from "./bug.ts";
import { simulate } from "./simulate.ts";

/** The first run that caught a planted bug. */
export interface Catch {
  readonly runs: number;
  readonly violation: string;
}

/** Runs seeds from `first` on until the bug is caught; null when `limit` runs did not. */
export async function huntBug(bug: Bug, limit: number, first = 1): Promise<Catch | null> {
  for (let runs = 1; runs <= limit; runs++) {
    const [violation] = (await simulate(first + runs - 1, { bug })).violations;
    if (violation !== undefined) return { runs, violation };
  }
  return null;
}
