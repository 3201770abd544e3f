import { Temporal } from "temporal-polyfill";
import type { CalendarDate } from "../rules/pod.ts";
import { findInstant } from "../roster/index.ts";

interface Holiday {
  readonly day: string;
  readonly until: number;
}

// On a holiday this is asked for every member of every claim: remember each zone's present one.
const knownHolidays = new WeakMap<readonly CalendarDate[], Map<string, Holiday>>();

/**
 * The instant at which the holiday of this local date (YYYY-MM-DD) ends in the zone, days in a row taken
 * together, in milliseconds; null when the date is none.
 */
export function endOfHoliday(
  holidays: readonly CalendarDate[],
  timeZone: string,
  day: string,
): number | null {
  const dates: readonly string[] = holidays;
  if (!dates.includes(day)) return null;
  const zones = knownHolidays.get(holidays) ?? new Map<string, Holiday>();
  const known = zones.get(timeZone);
  if (known?.day === day) return known.until;
  let next = Temporal.PlainDate.from(day);
  while (dates.includes(next.toString())) next = next.add({ days: 1 });
  const until = findInstant(timeZone, next, "00:00");
  knownHolidays.set(holidays, zones.set(timeZone, { day, until }));
  return until;
}
