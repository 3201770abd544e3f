/** What ops have still to hear of an alert. */
export type News = "raised" | "standing" | "over";

/** How an alert stands. Instants are milliseconds since the epoch. */
export interface AlertState {
  /** Since when it is raised; null = it is not. */
  readonly raisedAt: number | null;
  /** Since when the value of a raised alert is well below its limit; null = it is not. */
  readonly calmSince: number | null;
  /** What ops have still to be told; null = they know. */
  readonly news: News | null;
  /** When they were told last; null = never since it was raised. */
  readonly toldAt: number | null;
}

export const QUIET: AlertState = { raisedAt: null, calmSince: null, news: null, toldAt: null };

/** Share of the limit below which a raised alert calms down: a value that hovers at its limit is one alert. */
export const CALM_SHARE = 0.8;
/**
 * How long it has to stay below that, in milliseconds: an alert is raised and over at most once in this time, so a value that
 * jumps up and down sends at most four messages an hour.
 */
export const CALM_MS = 30 * 60_000;
/** How long ops are not told again of an alert that stands, in milliseconds: once a day it is news to whoever is on call then. */
export const REMIND_MS = 24 * 60 * 60_000;

/**
 * How an alert stands once its value was measured. Raised at the limit; over once the value was well below it for half an hour. A
 * value that is not known changes nothing.
 * @param value null = too few leads to tell
 * @param limit null = the alert is off: then it is quiet, and nobody is told
 */
export function stepAlert(
  state: AlertState,
  value: number | null,
  limit: number | null,
  now: number,
): AlertState {
  if (limit === null) return QUIET;
  if (value === null) return state;
  const { raisedAt, toldAt } = state;
  if (raisedAt === null)
    return value >= limit ? { ...QUIET, raisedAt: now, news: "raised" } : state;
  if (value < limit * CALM_SHARE) {
    const calmSince = state.calmSince ?? now;
    return now - calmSince >= CALM_MS ? { ...QUIET, news: "over" } : { ...state, calmSince };
  }
  const remind = state.news === null && toldAt !== null && now - toldAt >= REMIND_MS;
  return { ...state, calmSince: null, news: remind ? "standing" : state.news };
}
