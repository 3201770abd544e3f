import { Temporal } from "temporal-polyfill";

interface Day {
  readonly date: string;
  readonly from: number;
  readonly until: number;
}

// A zone's local day is asked for every member of every claim, and the answer changes once a day:
// remember each zone's present day with the instants it spans.
const knownDays = new Map<string, Day>();

// The same few instants are put into words for every member they hold back: the end of a day, of a holiday.
const knownWords = new Map<string, string>();
/** Instants whose words are kept; some 100 kB. */
const KNOWN_WORDS_LIMIT = 1000;

/** The local date at this instant: YYYY-MM-DD. Days of 23 and 25 hours included. Throws RangeError on an unknown zone. */
export function localDay(timeZone: string, instant: number): string {
  return findDay(timeZone, instant).date;
}

/** The instant at which the zone's next local day begins, in milliseconds. Throws RangeError on an unknown zone. */
export function startOfNextDay(timeZone: string, instant: number): number {
  return findDay(timeZone, instant).until;
}

/**
 * The first instant, in milliseconds, at which the zone's clocks show this time of the date or a later one.
 * A time that clocks skip is reached when they skip it; of one that they show twice, it is the first.
 * So times in order give instants in order, and hours that touch still touch when clocks change.
 */
export function findInstant(timeZone: string, date: Temporal.PlainDate, time: string): number {
  const local = date.toPlainDateTime(time);
  const earlier = local.toZonedDateTime(timeZone, { disambiguation: "earlier" });
  const skipped = !earlier.toPlainDateTime().equals(local);
  const reached = skipped ? earlier.getTimeZoneTransition("next") : earlier;
  return (reached ?? earlier).epochMilliseconds;
}

/** "2026-12-01 09:00 Europe/Berlin": an instant for people. */
export function localTime(timeZone: string, instant: number): string {
  const key = `${instant} ${timeZone}`;
  const known = knownWords.get(key);
  if (known !== undefined) return known;
  const local = Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(timeZone);
  const words = `${local.toPlainDate()} ${local.toPlainTime().toString({ smallestUnit: "minute" })} ${timeZone}`;
  if (knownWords.size >= KNOWN_WORDS_LIMIT) knownWords.clear();
  knownWords.set(key, words);
  return words;
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

function findDay(timeZone: string, instant: number): Day {
  const known = knownDays.get(timeZone);
  if (known && known.from <= instant && instant < known.until) return known;
  const start = Temporal.Instant.fromEpochMilliseconds(instant)
    .toZonedDateTimeISO(timeZone)
    .startOfDay();
  const day = {
    date: start.toPlainDate().toString(),
    from: start.epochMilliseconds,
    until: start.add({ days: 1 }).startOfDay().epochMilliseconds,
  };
  knownDays.set(timeZone, day);
  return day;
}
