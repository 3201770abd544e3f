import type { HoursSpan } from "../ports/roster.ts";

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
