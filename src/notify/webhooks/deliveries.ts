import { type DecisionKey, keyList } from "../../record/decision-key.ts";
import { query, sql, type Query } from "../../lib/query.ts";
import type { deliveries } from "../../record/schema.ts";
import type { StoredRow } from "../../record/columns.ts";
import type { DeliveryKey } from "./delivery-id.ts";

// The list of what needs another go, and of what nobody takes: a healthy delivery never has a row here. With undelivered.ts
// the only place that writes `deliveries`.

/** How long a failed delivery stays on the list, in milliseconds: 30 days. */
const FAILED_KEPT_MS = 30 * 24 * 60 * 60_000;

export type DeliveryRow = StoredRow<typeof deliveries>;

/** What is due for a destination, longest due first. */
export function dueDeliveries(destination: string, now: number, limit: number): Query<DecisionKey> {
  return query(sql`
    SELECT lead_id AS leadId, generation FROM deliveries
    WHERE destination = ${destination} AND state = 'waiting' AND due <= ${now} ORDER BY due LIMIT ${limit}`);
}

/** Puts waiting deliveries off, untried: those on the list already, and with `now` those that are not. */
export function putOff(
  destination: string,
  keys: readonly DecisionKey[],
  due: number,
  now: number,
): Query {
  return query(sql`
    INSERT INTO deliveries (destination, lead_id, generation, state, since, due)
    SELECT ${destination}, value ->> 0, value ->> 1, 'waiting', ${now}, ${due} FROM json_each(${keyList(keys)}) WHERE true
    ON CONFLICT (destination, lead_id, generation) DO UPDATE SET due = excluded.due WHERE state = 'waiting'`);
}

/** A try that came to nothing, and when the next one is due. */
export interface FailedTry extends DecisionKey {
  readonly cause: string;
  /** Milliseconds since the epoch; null = there is none: it has failed. */
  readonly next: number | null;
}

export function recordFailedTries(
  destination: string,
  tries: readonly FailedTry[],
  now: number,
): Query {
  const list = tries.map(({ leadId, generation, cause, next }) => [
    leadId,
    generation,
    cause,
    next,
  ]);
  return query(sql`
    INSERT INTO deliveries (destination, lead_id, generation, state, since, due, tries, cause)
    SELECT ${destination}, value ->> 0, value ->> 1, iif(value ->> 3 IS NULL, 'failed', 'waiting'), ${now},
      coalesce(value ->> 3, ${now + FAILED_KEPT_MS}), 1, value ->> 2
    FROM json_each(${JSON.stringify(list)}) WHERE true
    ON CONFLICT (destination, lead_id, generation) DO UPDATE SET
      state = excluded.state, due = excluded.due, tries = tries + 1, cause = excluded.cause`);
}

/** Deliveries that were due long ago and never had their turn, because their destination is away or gone. */
export function outlivedDeliveries(
  destination: string,
  before: number,
  limit: number,
): Query<Pick<DeliveryRow, "leadId" | "generation" | "tries" | "cause">> {
  return query(sql`
    SELECT lead_id AS leadId, generation, tries, cause FROM deliveries
    WHERE destination = ${destination} AND state = 'waiting' AND due <= ${before} ORDER BY due LIMIT ${limit}`);
}

/** Ends waiting deliveries, untried. */
export function failUntried(
  destination: string,
  keys: readonly DecisionKey[],
  cause: string,
  now: number,
): Query {
  return query(sql`
    UPDATE deliveries SET state = 'failed', due = ${now + FAILED_KEPT_MS}, cause = ${cause}
    WHERE destination = ${destination} AND state = 'waiting' AND (lead_id, generation) IN (
      SELECT value ->> 0, value ->> 1 FROM json_each(${keyList(keys)}))`);
}

/** Has a delivery sent once more, as if it were new, whatever became of it. */
export function demandDelivery(
  { destination, leadId, generation }: DeliveryKey,
  due: number,
  now: number,
): Query {
  return query(sql`
    INSERT INTO deliveries (destination, lead_id, generation, state, since, due)
    VALUES (${destination}, ${leadId}, ${generation}, 'waiting', ${now}, ${due})
    ON CONFLICT (destination, lead_id, generation) DO UPDATE SET
      state = 'waiting', since = excluded.since, due = excluded.due, tries = 0`);
}

/** Takes ended deliveries off the list. */
export function finishDeliveries(destination: string, keys: readonly DecisionKey[]): Query {
  return query(sql`
    DELETE FROM deliveries WHERE destination = ${destination} AND (lead_id, generation) IN (
      SELECT value ->> 0, value ->> 1 FROM json_each(${keyList(keys)}))`);
}

/** Destinations that have a row, by their keys. Reads a row for each, however many they have. */
export function listedDestinations(): Query<{ destination: string }> {
  return query(sql`
    WITH RECURSIVE listed (destination) AS (
      SELECT min(destination) FROM deliveries
      UNION ALL
      SELECT (SELECT min(d.destination) FROM deliveries d WHERE d.destination > listed.destination)
      FROM listed WHERE listed.destination IS NOT NULL)
    SELECT destination FROM listed WHERE destination IS NOT NULL`);
}

/** Drops failed deliveries that were listed for long enough. */
export function dropFailed(destination: string, now: number, limit: number): Query {
  return query(sql`
    DELETE FROM deliveries WHERE (destination, lead_id, generation) IN (
      SELECT destination, lead_id, generation FROM deliveries
      WHERE destination = ${destination} AND state = 'failed' AND due <= ${now} ORDER BY due LIMIT ${limit})`);
}

/** One state's deliveries after a key, by destination and lead; of one destination or of all. */
export function listDeliveries(
  { state, destination }: Pick<DeliveryRow, "state"> & { readonly destination: string | null },
  after: DeliveryKey | null,
  limit: number,
): Query<DeliveryRow> {
  const { destination: key = "", leadId = "", generation = 0 } = after ?? {};
  return query(sql`
    SELECT destination, lead_id AS leadId, generation, state, since, due, tries, cause FROM deliveries
    WHERE state = ${state} ${destination === null ? sql`` : sql`AND destination = ${destination}`}
      AND (destination, lead_id, generation) > (${key}, ${leadId}, ${generation})
    ORDER BY destination, lead_id, generation LIMIT ${limit}`);
}

/** How many a destination has in each state, counted up to `most`. */
export function countDeliveries(
  destinations: readonly string[],
  most: number,
): Query<{ destination: string; waiting: number; failed: number }> {
  const count = (state: DeliveryRow["state"]) => sql`(
    SELECT count(*) FROM (
      SELECT 1 FROM deliveries d WHERE d.destination = t.value AND d.state = ${state} LIMIT ${most}))`;
  return query(sql`
    SELECT t.value AS destination, ${count("waiting")} AS waiting, ${count("failed")} AS failed
    FROM json_each(${JSON.stringify(destinations)}) t`);
}
