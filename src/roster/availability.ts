import { localTime } from "./calendar.ts";

/** A time away: `from` inclusive, `until` exclusive, milliseconds since the epoch. */
export interface Span {
  readonly from: number;
  readonly until: number;
}

/** What decides whether a rep is there at an instant. */
export interface Presence {
  readonly active: boolean;
  readonly timeZone: string;
  readonly absences: readonly Span[];
}

export type Absent = { readonly kind: "inactive" | "absent"; readonly reason: string };

/** Null when the rep is there; else why not, and until when. */
export function findAbsence(rep: Presence, now: number): Absent | null {
  if (!rep.active) return { kind: "inactive", reason: "is deactivated" };
  const until = endOfAbsence(rep.absences, now);
  return until === null
    ? null
    : { kind: "absent", reason: `is away until ${localTime(rep.timeZone, until)}` };
}

/** The instant the rep is back, absences that overlap or touch taken together; null when not away now. */
function endOfAbsence(absences: readonly Span[], now: number): number | null {
  let back = now;
  for (const { from, until } of absences.toSorted((a, b) => a.from - b.from)) {
    if (from <= back && until > back) back = until;
  }
  return back > now ? back : null;
}
