// Durations as counts per bucket: histograms of many quarter-hours add up, percentiles do not.

/** Bounds of the API's readable histogram, in milliseconds: 1, 2, 5, 10, 30 and 60 s, 5 min, 1 h. The last bucket is open. */
export const READABLE_BOUNDS: readonly number[] = [
  1_000, 2_000, 5_000, 10_000, 30_000, 60_000, 300_000, 3_600_000,
];

/** Buckets per doubling: each is at most 2^(1/8), 9.1 %, wide, which is how exact a percentile is. */
const PER_DOUBLING = 8;
/** Doublings of a millisecond that are told apart: 2^37 ms is four years, more than any lead waits. */
const DOUBLINGS = 37;

/**
 * Upper bounds of all buckets, ascending, in whole milliseconds. The readable bounds are among them, so that the counts up
 * to one of those are exact.
 */
const BOUNDS: readonly number[] = [
  ...new Set([
    0,
    ...Array.from({ length: DOUBLINGS * PER_DOUBLING + 1 }, (_, step) =>
      Math.floor(2 ** (step / PER_DOUBLING)),
    ),
    ...READABLE_BOUNDS,
  ]),
].toSorted((a, b) => a - b);

const LARGEST = BOUNDS.at(-1) ?? 0;

/** How many durations fell into each bucket, by the bucket's upper bound in milliseconds, inclusive. Empty buckets are left out. */
export type Histogram = Map<number, number>;

/** A histogram as it is stored: [upper bound, count] in no particular order. */
export type StoredHistogram = readonly (readonly [upTo: number, count: number])[];

/** Counts a duration in milliseconds. One below zero, of clocks that disagree, counts as none; one beyond four years as four. */
export function record(histogram: Histogram, duration: number): void {
  const upTo = boundOf(duration);
  histogram.set(upTo, (histogram.get(upTo) ?? 0) + 1);
}

/** Adds the counts of another histogram. */
export function merge(histogram: Histogram, other: Iterable<readonly [number, number]>): void {
  for (const [upTo, count] of other) histogram.set(upTo, (histogram.get(upTo) ?? 0) + count);
}

/** Durations counted. */
export function countAll(histogram: Histogram): number {
  return histogram.values().reduce((sum, count) => sum + count, 0);
}

/** Durations of at most this many milliseconds: exact for a readable bound, else to the bucket. */
export function countUpTo(histogram: Histogram, bound: number): number {
  let sum = 0;
  for (const [upTo, count] of histogram) if (upTo <= bound) sum += count;
  return sum;
}

/**
 * A duration in milliseconds that this share (0 to 1) of those counted did not exceed: the bucket's upper bound, so never
 * less than the exact nearest-rank percentile and at most 9.1 % more. Null when nothing was counted.
 */
export function percentile(histogram: Histogram, share: number): number | null {
  const rank = Math.max(1, Math.ceil(share * countAll(histogram)));
  let seen = 0;
  for (const [upTo, count] of [...histogram].toSorted(([a], [b]) => a - b)) {
    seen += count;
    if (seen >= rank) return upTo;
  }
  return null;
}

/** The upper bound of the bucket a duration falls into. */
function boundOf(duration: number): number {
  if (!(duration > 0)) return 0;
  let [low, high] = [0, BOUNDS.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((BOUNDS[middle] ?? LARGEST) < duration) low = middle + 1;
    else high = middle;
  }
  return BOUNDS[low] ?? LARGEST;
}
