import { Temporal } from "temporal-polyfill";
import { findInstant } from "./calendar.ts";
import { type HoursSpan, WEEKDAYS, type WorkingHours } from "../ports/roster.ts";

/** Instants at which working hours say the same: `from` inclusive, `until` exclusive, in milliseconds. */
export interface HoursStretch {
  readonly open: boolean;
  readonly from: number;
  /** Null = for good: the hours name no time at all. */
  readonly until: number | null;
}

/** Hours are weekly, and a span that a change of clocks swallows comes again a week later. */
const SEARCH_DAYS = 15;

// Reps of a team keep the same hours, and the answer changes a few times a day.
const knownStretches = new Map<string, HoursStretch>();
/** Zones and hours whose present stretch is kept; some 300 kB. */
const KNOWN_STRETCHES_LIMIT = 1000;

/**
 * Whether a rep with these hours works at this instant, and until when that holds; a stretch may begin at the
 * instant asked for, and touching spans are stretches of their own. Throws RangeError on an unknown zone.
 */
export function findStretch(timeZone: string, hours: WorkingHours, instant: number): HoursStretch {
  const key = `${timeZone} ${JSON.stringify(hours)}`;
  const known = knownStretches.get(key);
  if (known && known.from <= instant && instant < (known.until ?? Infinity)) return known;
  const stretch = searchStretch(timeZone, hours, instant);
  if (knownStretches.size >= KNOWN_STRETCHES_LIMIT) knownStretches.clear();
  knownStretches.set(key, stretch);
  return stretch;
}

function searchStretch(timeZone: string, hours: WorkingHours, instant: number): HoursStretch {
  const today = Temporal.Instant.fromEpochMilliseconds(instant)
    .toZonedDateTimeISO(timeZone)
    .toPlainDate();
  // Yesterday's hours may run on past midnight.
  for (let days = -1; days <= SEARCH_DAYS; days++) {
    const date = today.add({ days });
    for (const span of listSpans(hours, date)) {
      const { from, until } = placeSpan(timeZone, date, span);
      if (until <= instant || until <= from) continue;
      return from <= instant
        ? { open: true, from, until }
        : { open: false, from: instant, until: from };
    }
  }
  return { open: false, from: instant, until: null };
}

/** The spans that begin on this date, in order. */
function listSpans(hours: WorkingHours, date: Temporal.PlainDate): readonly HoursSpan[] {
  const weekday = WEEKDAYS[date.dayOfWeek - 1];
  const spans = (weekday && hours[weekday]) ?? [];
  return spans.toSorted(([a], [b]) => (a < b ? -1 : 1));
}

function placeSpan(timeZone: string, date: Temporal.PlainDate, [start, end]: HoursSpan) {
  const lastDate = end <= start || end === "24:00" ? date.add({ days: 1 }) : date;
  return {
    from: findInstant(timeZone, date, start),
    until: findInstant(timeZone, lastDate, end === "24:00" ? "00:00" : end),
  };
}

const MINUTES_A_DAY = 24 * 60;

/** True when two spans of one day share a minute, the part past midnight included. */
export function spansOverlap(spans: readonly HoursSpan[]): boolean {
  const minutes = spans
    .map(([start, end]) => {
      const [from, until] = [minuteOfDay(start), minuteOfDay(end)];
      return { from, until: until > from ? until : until + MINUTES_A_DAY };
    })
    .toSorted((a, b) => a.from - b.from);
  return minutes.some(({ from }, at) => from < (minutes[at - 1]?.until ?? 0));
}

function minuteOfDay(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
}
