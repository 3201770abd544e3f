// The days of the digests: UTC, as YYYY-MM-DD.

export const DAY_MS = 24 * 60 * 60_000;

/** The day of an instant, milliseconds since the epoch. */
export function dayOf(instant: number): string {
  return new Date(instant).toISOString().slice(0, 10);
}

/** The instant at which a day begins, milliseconds since the epoch. */
export function dayStart(day: string): number {
  return Date.parse(day);
}

export function dayAfter(day: string): string {
  return dayOf(dayStart(day) + DAY_MS);
}

export function dayBefore(day: string): string {
  return dayOf(dayStart(day) - DAY_MS);
}
