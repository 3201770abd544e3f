import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  countUpTo,
  merge,
  percentile,
  READABLE_BOUNDS,
  record,
  type Histogram,
} from "../../../src/record/histogram.ts";

/** Durations from none to a year, as many short ones as long ones. */
const duration = fc
  .double({ min: 0, max: 35, noNaN: true })
  .map((power) => Math.floor(2 ** power) - 1);
const durations = fc.array(duration, { minLength: 1, maxLength: 300 });

function histogramOf(values: readonly number[]): Histogram {
  const histogram: Histogram = new Map();
  for (const value of values) record(histogram, value);
  return histogram;
}

describe("a histogram", () => {
  it("yields percentiles that are never below the exact one, and at most 9.1 % above it", () => {
    fc.assert(
      fc.property(durations, fc.double({ min: 0, max: 1, noNaN: true }), (values, share) => {
        const sorted = values.toSorted((a, b) => a - b);
        const exact = sorted[Math.max(1, Math.ceil(share * sorted.length)) - 1] ?? NaN;
        const found = percentile(histogramOf(values), share) ?? NaN;
        expect(found).toBeGreaterThanOrEqual(exact);
        expect(found).toBeLessThanOrEqual(exact * 2 ** (1 / 8));
      }),
    );
  });

  it("counts exactly how many were within a readable bound", () => {
    fc.assert(
      fc.property(durations, fc.constantFrom(...READABLE_BOUNDS), (values, bound) => {
        const near = [...values, bound - 1, bound, bound + 1];
        const exact = near.filter((value) => value <= bound).length;
        expect(countUpTo(histogramOf(near), bound)).toBe(exact);
      }),
    );
  });

  it("merged from parts is the histogram of the whole", () => {
    fc.assert(
      fc.property(durations, durations, (one, other) => {
        const merged = histogramOf(one);
        merge(merged, histogramOf(other));
        expect(merged).toEqual(histogramOf([...one, ...other]));
      }),
    );
  });

  it("takes clocks that disagree for no time at all, and what never ends for four years", () => {
    expect(percentile(histogramOf([-250]), 1)).toBe(0);
    expect(percentile(histogramOf([Number.MAX_SAFE_INTEGER]), 1)).toBe(2 ** 37);
  });

  it("without durations has no percentile", () => {
    expect(percentile(new Map(), 0.95)).toBeNull();
  });
});
