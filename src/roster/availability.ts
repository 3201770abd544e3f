import { localTime } from "./calendar.ts";
import { findStretch } from "./hours.ts";
import type { Presence, Span } from "../ports/roster.ts";

export interface Unavailable {
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

/** The instant the rep is back, absences that overlap or touch taken together; null when not away now. */
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
