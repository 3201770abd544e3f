/** First delay, in seconds: most failures are over by then. */
const FIRST_SECONDS = 2;
/**
 * Longest delay, in seconds. With `max_retries = 100` (wrangler.toml) the delays add up to 16 days: longer
 * than any queue keeps a message (14 days), so an outage alone never ends in the dead-letter queue.
 */
const LONGEST_SECONDS = 4 * 60 * 60;

/**
 * How long to wait after this many deliveries, in whole seconds: doubling, with jitter of a quarter either
 * way so that what failed together does not come back together.
 * @param random a number in [0, 1)
 */
export function backOff(attempts: number, random: number): number {
  const delay = Math.min(FIRST_SECONDS * 2 ** (attempts - 1), LONGEST_SECONDS);
  return Math.ceil(delay * (0.75 + random / 2));
}
