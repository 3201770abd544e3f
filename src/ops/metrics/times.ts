import type { Range } from "../../record/rollups.ts";
import { collect, type Counted } from "./collect.ts";
import {
  countAll,
  countUpTo,
  merge,
  percentile,
  READABLE_BOUNDS,
  type Histogram,
} from "../../record/histogram.ts";
import { type Measure, MEASURES } from "../../record/tally.ts";

/** Within what each time is promised, in milliseconds: DESIGN, promise 9. Null = it is part of another. */
const PROMISED_MS: Readonly<Record<Measure, number | null>> = {
  receivedToDecided: 5_000,
  decidedToNotified: null,
  receivedToNotified: 30_000,
};

/** How long something took. Percentiles are upper bounds of their bucket, at most 9.1 % above the exact value. */
export interface TimeSummary {
  readonly count: number;
  /** Milliseconds; null when nothing was measured. */
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly p99Ms: number | null;
  readonly maxMs: number | null;
  /** What is promised, and the share of those measured that kept it: exact. */
  readonly promise: { readonly withinMs: number; readonly share: number | null } | null;
  /** How many took at most so long, and longer than the entry before; null = longer than all of them. Exact. */
  readonly histogram: readonly { readonly leMs: number | null; readonly count: number }[];
}

/** The times of a range, of all decisions or of those of one pod; null when the pod decided nothing in it. */
export async function measureTimes(
  db: D1Database,
  range: Range,
  podId: string | null,
): Promise<Counted & { readonly times: Readonly<Record<Measure, TimeSummary>> }> {
  const start = () => new Map<Measure, Histogram>(MEASURES.map((measure) => [measure, new Map()]));
  const { sum, upTo, complete } = await collect(
    db,
    range,
    ["times"],
    start,
    (into, _bucket, tally) => {
      for (const [measure, pod, histogram] of tally.times) {
        const all = into.get(measure);
        if (all !== undefined && (podId === null || pod === podId)) merge(all, histogram);
      }
    },
  );
  const summaryOf = (measure: Measure) =>
    summarise(sum.get(measure) ?? new Map(), PROMISED_MS[measure]);
  const times = {
    receivedToDecided: summaryOf("receivedToDecided"),
    decidedToNotified: summaryOf("decidedToNotified"),
    receivedToNotified: summaryOf("receivedToNotified"),
  };
  return { times, upTo, complete };
}

function summarise(histogram: Histogram, promisedMs: number | null): TimeSummary {
  const count = countAll(histogram);
  return {
    count,
    p50Ms: percentile(histogram, 0.5),
    p95Ms: percentile(histogram, 0.95),
    p99Ms: percentile(histogram, 0.99),
    maxMs: percentile(histogram, 1),
    promise:
      promisedMs === null
        ? null
        : {
            withinMs: promisedMs,
            share: count === 0 ? null : countUpTo(histogram, promisedMs) / count,
          },
    histogram: [...READABLE_BOUNDS, Infinity].map((bound, at) => ({
      leMs: bound === Infinity ? null : bound,
      count: countUpTo(histogram, bound) - countUpTo(histogram, READABLE_BOUNDS[at - 1] ?? -1),
    })),
  };
}
