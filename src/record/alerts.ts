import { query, type Query, sql } from "../lib/query.ts";
import { alerts } from "./schema.ts";
import { columns, type StoredRow } from "./columns.ts";

// The one place with SQL on `alerts`. It has a row for each alert that is raised or has still to be told of.

/** What ops have not been notified of yet. */
export type News = "raised" | "standing" | "worse" | "over";

/** The state of an alert. Instants are milliseconds since the epoch. */
export interface AlertState {
  /** Since when it is raised; null = it is not. With the news that it is over: since when it was, if ops never heard so. */
  readonly raisedAt: number | null;
  /** Since when the value of a raised alert is well below its limit, or not known; null = it is neither. */
  readonly calmSince: number | null;
  /** What ops have still to be told; null = they know. */
  readonly news: News | null;
  /** When they were told last; null = never since it was raised. */
  readonly toldAt: number | null;
  /** The value that they were told last; null = none since it was raised. */
  readonly toldValue: number | null;
}

export const QUIET: AlertState = {
  raisedAt: null,
  calmSince: null,
  news: null,
  toldAt: null,
  toldValue: null,
};

/** An alert and its state. */
export interface NamedState<Name extends string = string> {
  readonly name: Name;
  readonly state: AlertState;
}

type AlertRow = StoredRow<typeof alerts>;

/** All that are not quiet: a handful of rows at most. */
export function alertStates(): Query<AlertRow> {
  return query(sql`SELECT ${columns(alerts)} FROM alerts`);
}

/** The state of one alert among the rows of `alertStates`. */
export function stateOf(rows: readonly AlertRow[], name: string): AlertState {
  const { name: _, ...state } = rows.find((row) => row.name === name) ?? { ...QUIET, name };
  return state;
}

/** Stores these states. */
export function keepStates(states: readonly NamedState[]): Query {
  const list = states.map(({ name, state }) => [
    name,
    state.raisedAt,
    state.calmSince,
    state.news,
    state.toldAt,
    state.toldValue,
  ]);
  return query(sql`
    INSERT INTO alerts (name, raised_at, calm_since, news, told_at, told_value)
    SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5
    FROM json_each(${JSON.stringify(list)}) WHERE true
    ON CONFLICT (name) DO UPDATE SET raised_at = excluded.raised_at, calm_since = excluded.calm_since,
      news = excluded.news, told_at = excluded.told_at, told_value = excluded.told_value`);
}

/** Ops know this news with these values, unless there is other news by now. */
export function markTold(
  states: readonly (NamedState & { readonly value: number | null })[],
  now: number,
): Query {
  const list = states.map(({ name, state, value }) => [name, state.news, value]);
  return query(sql`
    UPDATE alerts SET news = NULL, told_at = ${now}, told_value = coalesce(k.value ->> 2, told_value),
      raised_at = CASE alerts.news WHEN 'over' THEN NULL ELSE raised_at END
    FROM json_each(${JSON.stringify(list)}) k WHERE alerts.name = k.value ->> 0 AND alerts.news = k.value ->> 1`);
}

/** Forgets what is over and told. */
export function dropQuiet(): Query {
  return query(sql`DELETE FROM alerts WHERE raised_at IS NULL AND news IS NULL`);
}
