import { Temporal } from "temporal-polyfill";
import { findInstant, localDay, startOfNextDay } from "../../roster/index.ts";
import type { Range } from "../../record/rollups.ts";

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
