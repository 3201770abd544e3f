const SECONDS = /^\d{1,9}$/;
/** All three spellings of a date of HTTP begin with the day of the week; `Date.parse` alone makes a date of "-5", too. */
const DATE = /^[A-Z][a-z]{2,8},? /;

/**
 * How long a header `Retry-After` asks to wait, in milliseconds: seconds, or a date of HTTP (RFC 9110, 10.2.3); null where it
 * says nothing that is understood. As long as whoever answered likes: the caller sets a bound.
 * @param now milliseconds since the epoch
 */
export function readRetryAfter(value: string | null | undefined, now: number): number | null {
  const asked = value?.trim() ?? "";
  if (SECONDS.test(asked)) return Number(asked) * 1000;
  const instant = DATE.test(asked) ? Date.parse(asked) : Number.NaN;
  return Number.isNaN(instant) ? null : Math.max(0, instant - now);
}
