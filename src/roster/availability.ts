import { findInstant, localTime } from "./calendar.ts";
import {
  type HoursSpan,
  type Presence,
  type Span,
  WEEKDAYS,
  type WorkingHours,
} from "../ports/roster.ts";
import { Temporal } from "temporal-polyfill";

interface Unavailable {
  /** What keeps the rep away now; an absence goes before hours. */
  readonly kind: "inactive" | "absent" | "off_hours";
  /** "is away until 2026-12-01 09:00 Europe/Berlin". */
  readonly reason: string;
  /**
   * The first instant at which the rep is there again, absences and hours both considered, in milliseconds:
   * an absence that ends at night ends when hours begin. Null = not foreseeable.
   */
  readonly until: number | null;
}

/** An answer and how long it holds: `from` inclusive, `until` exclusive. */
interface Finding extends Span {
  readonly unavailable: Unavailable | null;
}

const INACTIVE: Unavailable = { kind: "inactive", reason: "is deactivated", until: null };

// Asked for every member of every claim, while the answer changes a few times a day. A changed rep is another object.
const knownFindings = new WeakMap<Presence, Finding>();

/** Null when the rep is there; else why not, and until when. Throws RangeError on an unknown zone. */
export function findUnavailability(rep: Presence, now: number): Unavailable | null {
  if (!rep.active) return INACTIVE;
  const known = knownFindings.get(rep);
  if (known && known.from <= now && now < known.until) return known.unavailable;
  const finding = searchUnavailability(rep, now);
  knownFindings.set(rep, finding);
  return finding.unavailable;
}

function searchUnavailability(rep: Presence, now: number): Finding {
  const back = endOfAbsence(rep.absences, now);
  if (back !== null) return { from: now, until: back, unavailable: describe(rep, "absent", now) };
  const { open, until } = askHours(rep, now);
  return {
    from: now,
    until: Math.min(until ?? Infinity, startOfNextAbsence(rep.absences, now)),
    unavailable: open ? null : describe(rep, "off_hours", now),
  };
}

function describe(rep: Presence, kind: "absent" | "off_hours", now: number): Unavailable {
  const until = findReturn(rep, now);
  if (until === null) {
    const reason = kind === "absent" ? "is away and has no working hours" : "has no working hours";
    return { kind, reason, until };
  }
  const words = kind === "absent" ? "is away" : "is off hours";
  return { kind, reason: `${words} until ${localTime(rep.timeZone, until)}`, until };
}

/** The first instant from `now` on that lies within hours and outside of absences; null when hours name no time. */
function findReturn(rep: Presence, now: number): number | null {
  let at = now;
  for (;;) {
    const back = endOfAbsence(rep.absences, at) ?? at;
    const { open, until } = askHours(rep, back);
    const opening = open ? back : until;
    if (opening === null || opening === at) return opening;
    at = opening;
  }
}

function askHours({ timeZone, workingHours }: Presence, at: number) {
  return workingHours ? findStretch(timeZone, workingHours, at) : { open: true, until: null };
}

/** The instant the rep is back, absences that overlap or touch count as one; null when not away now. */
function endOfAbsence(absences: readonly Span[], now: number): number | null {
  let back = now;
  for (const { from, until } of absences.toSorted((a, b) => a.from - b.from)) {
    if (from <= back && until > back) back = until;
  }
  return back > now ? back : null;
}

function startOfNextAbsence(absences: readonly Span[], now: number): number {
  return Math.min(...absences.map(({ from }) => from).filter((from) => from > now));
}

/** Instants at which working hours say the same: `from` inclusive, `until` exclusive, in milliseconds. */
interface HoursStretch {
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
