/** Length of a bucket in milliseconds: every time zone of today is a multiple of it from UTC. */
export const BUCKET_MS = 15 * 60_000;

/** The instant at which the bucket of an instant begins: milliseconds since the epoch. */
export function bucketOf(instant: number): number {
  return Math.floor(instant / BUCKET_MS) * BUCKET_MS;
}

/** Whole buckets from one instant to another: milliseconds since the epoch, `to` exclusive. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** The buckets that a range touches, as a range. */
export function wholeBuckets({ from, to }: Range): Range {
  return { from: bucketOf(from), to: bucketOf(to - 1) + BUCKET_MS };
}
