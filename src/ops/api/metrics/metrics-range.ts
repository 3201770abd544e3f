import { z } from "zod";
import { type Range, wholeBuckets } from "../../../record/rollups.ts";
import type { Counted } from "../../metrics/collect.ts";
import { isTimeZone } from "../../../roster/index.ts";
import { instant } from "../input.ts";
import { isoInstant } from "../present.ts";
import { Problem } from "../problem.ts";
import { isoText } from "../shapes.ts";

// What all metrics over time share: from when to when, and how far the answer counts.

const DAY_MS = 24 * 60 * 60_000;
/** Days a metric looks back by default. */
const DEFAULT_DAYS = 7;
/** Most days of a range: a quarter of a year, or 8,832 quarter-hours to sum up. */
const MAX_DAYS = 92;

export const rangeQuery = z.strictObject({
  from: instant.optional().meta({
    description: `ISO 8601 with an offset; ${DEFAULT_DAYS} days before \`to\` when left out, at most ${MAX_DAYS}.`,
  }),
  to: instant.optional().meta({ description: "Exclusive; now when left out or later than now." }),
});

/** An IANA time zone. Not an offset: days of "+01:07" cannot be made of quarter-hours. */
export const zone = z
  .string()
  .refine((name) => /^[a-z]/i.test(name) && isTimeZone(name), {
    error: "should be an IANA time zone: Europe/Berlin",
  })
  .default("UTC")
  .meta({ description: "IANA time zone whose days are counted." });

/**
 * The whole quarter-hours that the query asks for.
 * @throws {Problem} bad_request, naming `from`
 */
export function readRange(query: z.output<typeof rangeQuery>, now: number, days = MAX_DAYS): Range {
  const to = Math.min(query.to ?? now, now);
  const from = query.from ?? Math.max(0, to - DEFAULT_DAYS * DAY_MS);
  if (from >= to) throw refuse("should be before `to`, and in the past");
  if (to - from > days * DAY_MS) throw refuse(`should be at most ${days} days before \`to\``);
  return wholeBuckets({ from, to });
}

function refuse(message: string): Problem {
  return new Problem("bad_request", `The query cannot be used: from ${message}.`, [
    { field: "from", message },
  ]);
}

/** What every answer over a range begins with. */
export const rangeShape = {
  from: isoText.meta({ description: "Start of the first quarter-hour that is counted." }),
  to: isoText.meta({ description: "End of the last quarter-hour that is counted." }),
  upTo: isoText.nullable().meta({
    description: "Instant of the last commit that is counted; null when there is none.",
  }),
  complete: z.boolean().meta({
    description: "False while commits after `upTo` wait to be counted: ask again in a minute.",
  }),
};

/** A range as the docs' examples have it. */
export const RANGE_EXAMPLE = {
  from: "2026-11-15T09:30:00.000Z",
  to: "2026-11-22T09:45:00.000Z",
  upTo: "2026-11-22T09:30:01.207Z",
  complete: true,
};

/** An instant of the answer, or null. */
export function isoOrNull(milliseconds: number | null): string | null {
  return milliseconds === null ? null : isoInstant(milliseconds);
}

export function presentRange({ from, to }: Range, { upTo, complete }: Counted) {
  return { from: isoInstant(from), to: isoInstant(to), upTo: isoOrNull(upTo), complete };
}
