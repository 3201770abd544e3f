import { readCommitted } from "./committed.ts";
import type { Counted } from "./collect.ts";
import { countCommits } from "./count-commits.ts";
import { countedUpTo, type Mark, readMark } from "../../record/rollups.ts";
import { addStored, type Tally, toStored } from "../../record/tally.ts";

/** Reads of up to 2,000 audit rows each: all that comes in a minute at 50 leads a second. */
const MAX_READS = 3;

/** What was committed after the mark, counted in memory. */
export interface Tail extends Counted {
  readonly mark: Mark;
  /** By the instant at which their quarter-hour begins. */
  readonly tallies: ReadonlyMap<number, Tally>;
}

/** Counts what is not rolled up yet, in bounded number; `complete` says whether that was all. */
export async function readTail(db: D1Database): Promise<Tail> {
  const first = await readCommitted(db, countedUpTo, readMark());
  const mark = first.also[0] ?? { no: 0, at: null };
  const tallies = countCommits(first.decisions, first.notices);
  let { last, more } = first;
  for (let read = 1; last !== null && more && read < MAX_READS; read++) {
    const next = await readCommitted(db, last.no, readMark());
    for (const [bucket, tally] of countCommits(next.decisions, next.notices)) {
      const before = tallies.get(bucket);
      if (before === undefined) tallies.set(bucket, tally);
      else addStored(before, toStored(tally));
    }
    ({ last, more } = next);
  }
  return { mark, tallies, upTo: last?.at ?? mark.at, complete: !more };
}
