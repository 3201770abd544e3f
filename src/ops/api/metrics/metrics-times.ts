import { z } from "zod";
import { measureTimes } from "../../metrics/times.ts";
import { endpoint, type ApiPart } from "../endpoint.ts";
import { text } from "../input.ts";
import { presentRange, RANGE_EXAMPLE, rangeQuery, rangeShape, readRange } from "./metrics-range.ts";
import { noPod } from "../roster/pods.ts";

const timesQuery = rangeQuery.extend({ pod: text(63).optional() });

const milliseconds = z.int().nullable();

const timeSummary = z
  .strictObject({
    count: z.int(),
    p50Ms: milliseconds,
    p95Ms: milliseconds,
    p99Ms: milliseconds,
    maxMs: milliseconds,
    promise: z.strictObject({ withinMs: z.int(), share: z.number().nullable() }).nullable().meta({
      description: "What the router promises, and the share of leads within it. Exact.",
    }),
    histogram: z
      .array(z.strictObject({ leMs: milliseconds, count: z.int() }))
      .readonly()
      .meta({
        description:
          "Leads that took at most `leMs` and more than the entry before; null = longer. Exact.",
      }),
  })
  .meta({
    id: "TimeSummary",
    description:
      "Percentiles come from buckets 2^(1/8) wide: each is at most 9.1 % above the exact value, never below it.",
  });

const EXAMPLE_HISTOGRAM = [
  { leMs: 1_000, count: 9 },
  { leMs: 2_000, count: 18 },
  { leMs: 5_000, count: 2 },
  { leMs: 10_000, count: 0 },
  { leMs: 30_000, count: 0 },
  { leMs: 60_000, count: 0 },
  { leMs: 300_000, count: 0 },
  { leMs: 3_600_000, count: 0 },
  { leMs: null, count: 0 },
];

function exampleOf(withinMs: number | null) {
  return {
    count: 29,
    p50Ms: 1_217,
    p95Ms: 2_048,
    p99Ms: 2_233,
    maxMs: 2_233,
    promise: withinMs === null ? null : { withinMs, share: 1 },
    histogram: EXAMPLE_HISTOGRAM,
  };
}

export function addTimesMetric(api: ApiPart): void {
  endpoint(
    api,
    {
      method: "get",
      path: "/metrics/time-to-assignment",
      tag: "Metrics",
      summary: "How fast are we?",
      description:
        "From received to decided (the instant of the claim), from decided to notified, and from received to notified; " +
        "by the instant of the decision. Those from received look at a lead's first decision, where the router made it.",
      query: timesQuery,
      answers: {
        200: {
          description: "Counts, percentiles and histograms.",
          schema: z.strictObject({
            ...rangeShape,
            podId: z.string().nullable(),
            receivedToDecided: timeSummary,
            decidedToNotified: timeSummary,
            receivedToNotified: timeSummary,
          }),
          example: {
            ...RANGE_EXAMPLE,
            podId: "dach",
            receivedToDecided: exampleOf(5_000),
            decidedToNotified: exampleOf(null),
            receivedToNotified: exampleOf(30_000),
          },
        },
      },
      problems: ["not_found"],
    },
    async ({ deps, query }) => {
      const range = readRange(query, deps.now());
      const podId = query.pod ?? null;
      const { times, ...counted } = await measureTimes(deps.db, range, podId);
      // A pod may have left rules.ts and still have a past.
      const known = times.receivedToDecided.count + times.decidedToNotified.count > 0;
      if (podId !== null && !known && !deps.chain.pods.some(({ id }) => id === podId))
        throw noPod(podId);
      return { status: 200, body: { ...presentRange(range, counted), podId, ...times } };
    },
  );
}
