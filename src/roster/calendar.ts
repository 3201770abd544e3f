import { Temporal } from "temporal-polyfill";

// A zone's local day is asked for every member of every claim, and the answer changes once a day:
// remember each zone's present day with the instants it spans.
const knownDays = new Map<string, { date: string; from: number; until: number }>();

/** The local date at this instant: YYYY-MM-DD. Days of 23 and 25 hours included. Throws RangeError on an unknown zone. */
export function localDay(timeZone: string, instant: number): string {
  const known = knownDays.get(timeZone);
  if (known && known.from <= instant && instant < known.until) return known.date;
  const start = Temporal.Instant.fromEpochMilliseconds(instant)
    .toZonedDateTimeISO(timeZone)
    .startOfDay();
  const date = start.toPlainDate().toString();
  const until = start.add({ days: 1 }).startOfDay().epochMilliseconds;
  knownDays.set(timeZone, { date, from: start.epochMilliseconds, until });
  return date;
}

/** "2026-12-01 09:00 Europe/Berlin": an instant for people. */
export function localTime(timeZone: string, instant: number): string {
  const local = Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(timeZone);
  return `${local.toPlainDate()} ${local.toPlainTime().toString({ smallestUnit: "minute" })} ${timeZone}`;
}

/** True for an IANA time zone this runtime knows. */
export function isTimeZone(timeZone: string): boolean {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(timeZone);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
