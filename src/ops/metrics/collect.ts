import { transaction } from "../../lib/query.ts";
import {
  countedUpTo,
  type Mark,
  newestRollups,
  type Range,
  readMark,
  type RollupRow,
} from "../../record/rollups.ts";
import {
  addOnto,
  addStored,
  readStored,
  type StoredTally,
  type Tally,
  toStored,
} from "../../record/tally.ts";
import { countCommits, readCommitted } from "./roll-up.ts";
import { Temporal } from "temporal-polyfill";
import { findInstant, localDay, startOfNextDay } from "../../roster/index.ts";

/** Looks at the whole range before it is answered without what is not rolled up yet: the rollup moves about once a minute. */
const MAX_LOOKS = 3;
/** Rows of the first page, before their size is known. */
const FIRST_PAGE = 256;
const LARGEST_PAGE = 2_048;
/** What a page may weigh, in characters: a Worker has 128 MB, and D1 does nothing else while it reads. */
const PAGE_WEIGHT = 4_000_000;

/** How far an answer counts. */
export interface Counted {
  /** Instant of the last commit that is counted, in milliseconds; null = nothing was committed yet. */
  readonly upTo: number | null;
  /** False when commits stand that are not counted yet. */
  readonly complete: boolean;
}

/** Adds one quarter-hour, which begins at `bucket`, to a sum. */
export type Add<Sum> = (sum: Sum, bucket: number, tally: StoredTally) => void;

/**
 * Sums up the quarter-hours of a range, the newest first: what is rolled up, and on top of it what was committed since.
 * Every commit counts once, also while the rollup moves. Reads a bounded number of rows: one for each quarter-hour, and
 * some ten thousands for what is not rolled up.
 * @param parts what of each tally is wanted; the rest of it may be empty
 * @param start makes an empty sum; called again when the rollup moved during the look
 * @param add is called once for each quarter-hour that has decisions
 */
export async function collect<Sum>(
  db: D1Database,
  range: Range,
  parts: readonly (keyof StoredTally)[],
  start: () => Sum,
  add: Add<Sum>,
): Promise<Counted & { readonly sum: Sum }> {
  for (let look = 1; look <= MAX_LOOKS; look++) {
    const { mark, tallies, upTo, complete } = await readTail(db);
    const sum = start();
    const fresh = newestFirst(tallies, range);
    let moved = false;
    for await (const page of pagesOf(db, range, parts)) {
      moved = page.mark !== mark.no;
      if (moved) break;
      for (const { bucket, data } of page.rows) {
        while ((fresh[0]?.bucket ?? -1) > bucket) addFresh(sum, fresh, add);
        const stored = readStored(data);
        if (fresh[0]?.bucket === bucket) {
          add(sum, bucket, toStored(addOnto(stored, fresh[0].tally)));
          fresh.shift();
        } else add(sum, bucket, stored);
      }
    }
    if (moved) continue;
    while (fresh.length > 0) addFresh(sum, fresh, add);
    return { sum, upTo, complete };
  }
  return collectStored(db, range, parts, start(), add);
}

/** The rows alone, whatever moves: each counts some commits, up to the mark at least, once. */
async function collectStored<Sum>(
  db: D1Database,
  range: Range,
  parts: readonly (keyof StoredTally)[],
  sum: Sum,
  add: Add<Sum>,
): Promise<Counted & { readonly sum: Sum }> {
  let upTo: number | null | undefined;
  for await (const page of pagesOf(db, range, parts)) {
    upTo ??= page.at;
    for (const { bucket, data } of page.rows) add(sum, bucket, readStored(data));
  }
  return { sum, upTo: upTo ?? null, complete: false };
}

interface Fresh {
  readonly bucket: number;
  readonly tally: Tally;
}

function newestFirst(tallies: ReadonlyMap<number, Tally>, { from, to }: Range): Fresh[] {
  return Array.from(tallies, ([bucket, tally]) => ({ bucket, tally }))
    .filter(({ bucket }) => bucket >= from && bucket < to)
    .toSorted((a, b) => b.bucket - a.bucket);
}

function addFresh<Sum>(sum: Sum, fresh: Fresh[], add: Add<Sum>): void {
  const next = fresh.shift();
  if (next !== undefined) add(sum, next.bucket, toStored(next.tally));
}

/** The stored rows of a range, the newest first, and with each page where the mark stood when it was read. */
async function* pagesOf(
  db: D1Database,
  { from, to }: Range,
  parts: readonly (keyof StoredTally)[],
): AsyncGenerator<{ rows: readonly RollupRow[]; mark: number; at: number | null }> {
  let [before, limit] = [to, FIRST_PAGE];
  for (;;) {
    const [rows, [mark]] = await transaction(db, [
      newestRollups({ from, to: before }, limit, parts),
      readMark(),
    ]);
    yield { rows, mark: mark?.no ?? 0, at: mark?.at ?? null };
    const oldest = rows.at(-1);
    if (oldest === undefined || rows.length < limit) return;
    before = oldest.bucket;
    const weight = rows.reduce((sum, { data }) => sum + data.length, 0) / rows.length;
    limit = Math.min(Math.max(Math.floor(PAGE_WEIGHT / weight), 16), LARGEST_PAGE);
  }
}

/** Reads of up to 2,000 audit rows each: all that comes in a minute at 50 leads a second. */
const MAX_READS = 3;

/** What was committed after the mark, counted in memory. */
interface Tail extends Counted {
  readonly mark: Mark;
  /** By the instant at which their quarter-hour begins. */
  readonly tallies: ReadonlyMap<number, Tally>;
}

/** Counts what is not rolled up yet, in bounded number; `complete` says whether that was all. */
async function readTail(db: D1Database): Promise<Tail> {
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

const HOUR_MS = 60 * 60_000;

/** A day of a time zone: its date as YYYY-MM-DD, and the instants at which it begins and ends, in milliseconds. */
interface Day extends Range {
  readonly date: string;
}

/** Says of instants of a range in which local day they lie. Days of 23 and 25 hours included. */
export function daysOf(zone: string, range: Range): (instant: number) => Day {
  const days = listDays(zone, range);
  let [known] = days;
  return (instant) => {
    if (known === undefined || instant < known.from || instant >= known.to)
      known = days.find(({ from, to }) => from <= instant && instant < to);
    if (known === undefined) throw new RangeError(`${instant} lies outside the range`);
    return known;
  };
}

/** Says of instants of a range when their local day, or the hour counted from its start, begins. */
export function periodsOf(
  every: "day" | "hour",
  zone: string,
  range: Range,
): (instant: number) => number {
  const dayOf = daysOf(zone, range);
  return (instant) => {
    const { from } = dayOf(instant);
    return every === "day" ? from : from + Math.floor((instant - from) / HOUR_MS) * HOUR_MS;
  };
}

function listDays(zone: string, range: Range): Day[] {
  const days: Day[] = [];
  const first = Temporal.PlainDate.from(localDay(zone, range.from));
  for (let from = findInstant(zone, first, "00:00"); from < range.to;) {
    const to = startOfNextDay(zone, from);
    days.push({ date: localDay(zone, from), from, to });
    from = to;
  }
  return days;
}
