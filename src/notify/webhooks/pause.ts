import type { Trouble } from "./troubles.ts";

/** First pause of a destination that is away, in milliseconds; it doubles with each failure in a row. */
const FIRST_PAUSE_MS = 15_000;
/** Longest pause, in milliseconds: so long a destination that is back may wait to be asked. */
const LONGEST_PAUSE_MS = 30 * 60_000;
/** Most that `Retry-After` is heeded, in milliseconds: a slip of a receiver should not silence it for a day. */
const LONGEST_HEEDED_MS = 60 * 60_000;

/** First wait before one delivery is tried again, in milliseconds; it is four times as long after each try. */
const FIRST_WAIT_MS = 60_000;
const LONGEST_WAIT_MS = 6 * 60 * 60_000;

/** How long a delivery is tried, in milliseconds: three days, so that a receiver that broke on a Friday evening is waited for. */
export const TRIED_FOR_MS = 3 * 24 * 60 * 60_000;

/** How long a destination is left alone after so many failures in a row, or longer where it asks for it. In milliseconds. */
export function pauseAfter(failures: number, askedMs: number | null): number {
  const pause = Math.min(FIRST_PAUSE_MS * 2 ** Math.min(failures - 1, 10), LONGEST_PAUSE_MS);
  return Math.max(pause, Math.min(askedMs ?? 0, LONGEST_HEEDED_MS));
}

/** How long a delivery waits after so many tries: with jitter of a quarter either way. In milliseconds. @param random in [0, 1) */
export function waitAfter(tries: number, askedMs: number | null, random: number): number {
  const wait = Math.min(FIRST_WAIT_MS * 4 ** Math.min(tries - 1, 10), LONGEST_WAIT_MS);
  const jittered = Math.round(wait * (0.75 + random / 2));
  return Math.max(jittered, Math.min(askedMs ?? 0, LONGEST_HEEDED_MS));
}

/** When something may be sent there again, milliseconds since the epoch: `now` when nothing is in the way, null = until somebody retries. */
export function openFrom(troubles: readonly Trouble[], now: number): number | null {
  if (troubles.some(({ kind }) => kind === "gone")) return null;
  return Math.max(now, ...troubles.map(({ until }) => until ?? now));
}
