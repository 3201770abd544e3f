import { type AlertState, type News, QUIET } from "../../record/alerts.ts";

/** Share of the limit below which a raised alert calms down: a value that hovers at its limit is one alert. */
const CALM_SHARE = 0.8;
/**
 * How long it has to stay below that, in milliseconds: an alert is raised and over at most once in this time, so a value that
 * jumps up and down sends at most four messages an hour.
 */
export const CALM_MS = 30 * 60_000;
/** How long ops are not told again of an alert that stands, in milliseconds: once a day it is news to whoever is on call then. */
export const REMIND_MS = 24 * 60 * 60_000;

/** How long a value may be unknown until a raised alert is over, in milliseconds. */
export const UNKNOWN_MS = 24 * 60 * 60_000;
/** How many times as bad as ops know, and as the limit, a value is when they are told again at once. */
export const WORSE_FACTOR = 10;

/**
 * How an alert stands once its value was measured. Raised at the limit; over once the value was well below it for half an hour, or
 * not known for a day.
 * @param value null = it cannot be told
 * @param limit null = the alert is off: then it is quiet, and nobody is told
 */
export function stepAlert(
  state: AlertState,
  value: number | null,
  limit: number | null,
  now: number,
): AlertState {
  if (limit === null) return QUIET;
  const { raisedAt, toldAt } = state;
  if (raisedAt === null || state.news === "over")
    return value !== null && value >= limit ? { ...QUIET, raisedAt: now, news: "raised" } : state;
  const isCalm = value === null || value < limit * CALM_SHARE;
  const calmSince = isCalm ? (state.calmSince ?? now) : null;
  if (calmSince !== null && now - calmSince >= (value === null ? UNKNOWN_MS : CALM_MS))
    return { ...QUIET, news: "over", ...(toldAt === null && { raisedAt, calmSince }) };
  return { ...state, calmSince, news: newsOf(state, value, limit, now) };
}

/** What ops have still to hear of an alert that stands. */
function newsOf(
  { news, toldAt, toldValue }: AlertState,
  value: number | null,
  limit: number,
  now: number,
): News | null {
  if (toldAt === null) return "raised";
  const known = Math.max(toldValue ?? limit, limit);
  if (value !== null && value >= known * WORSE_FACTOR) return "worse";
  const isCalm = value !== null && value < limit * CALM_SHARE;
  return news === "standing" || (!isCalm && now - toldAt >= REMIND_MS) ? "standing" : null;
}
