/** Occurrences that should have come, at the rate there was before, before their absence means anything. */
const ENOUGH_EXPECTED = 5;
/** How likely a mere coincidence may be: one in a hundred. */
const LIKELY = 0.01;

/** What was to be expected since something happened last, and whether its absence is no coincidence. */
export interface Silence {
  /** Occurrences to be expected since the last one, at the rate up to it. */
  readonly expected: number;
  /** Whether it has stopped happening. */
  readonly stopped: boolean;
}

/**
 * Whether something that happened in some of the tries has stopped happening. Two tests, both to be failed: at the
 * rate it had, at least five occurrences were to be expected since (by Poisson, none at all then has a chance of e^-5, 0.7 %); and,
 * because a rate that rests on few occurrences is no more than a guess, were the occurrences spread by chance over all
 * the tries, all of them would come as early as they did in less than one case of a hundred.
 * @param happened occurrences, all of them within `tries`
 * @param tries tries up to the last occurrence
 * @param since tries since then, all in vain
 */
export function judgeSilence(happened: number, tries: number, since: number): Silence {
  if (happened === 0 || tries === 0) return { expected: 0, stopped: false };
  const expected = (happened / tries) * since;
  const coincidence = (tries / (tries + since)) ** happened;
  return { expected, stopped: expected >= ENOUGH_EXPECTED && coincidence < LIKELY };
}
