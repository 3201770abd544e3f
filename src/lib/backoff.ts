/** First delay, in seconds: most failures are over by then. */
const FIRST_SECONDS = 2;
/**
 * Longest delay, in seconds: a spilled lead exists nowhere but in its message, so this is also the longest it waits once D1 is
 * back. With `max_retries = 100` (wrangler.toml) the delays add up to 3.7 days, about what a queue keeps a message for (4
 * days): an outage alone does not end in the dead-letter queue.
 */
const LONGEST_SECONDS = 60 * 60;

/**
 * How long to wait after this many deliveries, in whole seconds: doubling, with jitter of a quarter either
 * way so that what failed together does not come back together.
 * @param random a number in [0, 1)
 */
export function backOff(attempts: number, random: number): number {
  const delay = Math.min(FIRST_SECONDS * 2 ** (attempts - 1), LONGEST_SECONDS);
  return Math.ceil(delay * (0.75 + random / 2));
}
