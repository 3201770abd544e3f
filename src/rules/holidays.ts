type Digit = "0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9";
type Month = `0${Digit}` | "10" | "11" | "12";
type DayOfMonth = `${"0" | "1" | "2"}${Digit}` | "30" | "31";

/** A date of the calendar, `YYYY-MM-DD`. That it exists is checked when the rules load. */
export type CalendarDate = `${number}-${Month}-${DayOfMonth}`;

/** What is wrong with these holidays, in words; null when nothing is. Repeats what the types refuse. */
export function findHolidayProblem(dates: readonly CalendarDate[]): string | null {
  if (!Array.isArray(dates)) return `"holidays" must be a list of dates, not ${String(dates)}`;
  for (const [at, date] of dates.entries()) {
    if (!isCalendarDate(date))
      return `the holiday ${JSON.stringify(date)} is no date of the calendar, such as "2026-12-25"`;
    if (dates.indexOf(date) < at) return `the holiday ${date} is listed twice`;
  }
  return null;
}

function isCalendarDate(date: unknown): boolean {
  if (typeof date !== "string" || !/^\d{4}-\d\d-\d\d$/.test(date)) return false;
  const midnight = new Date(`${date}T00:00:00Z`);
  // 30 February is read as 2 March.
  return !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(date);
}
