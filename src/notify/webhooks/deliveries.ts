import type { SQL } from "drizzle-orm";
import { query, sql, type Query } from "../../lib/query.ts";
import { columns, type StoredRow } from "../../record/columns.ts";
import { type DecisionKey, keyList } from "../../record/decision-key.ts";
import { deliveryEnded } from "../../record/delivery-events.ts";
import { deliveries } from "../../record/schema.ts";
import { type Destination, eventTypeOf } from "../../rules/destination.ts";
import { decisionsOf } from "../announcement.ts";

// The only place that writes `deliveries`: the list of what is to be retried, and of what no destination accepted. A healthy
// delivery never has a row here.

/** How long a failed delivery stays on the list, in milliseconds: 30 days. */
const FAILED_KEPT_MS = 30 * 24 * 60 * 60_000;

export type DeliveryRow = StoredRow<typeof deliveries>;

/** Names one delivery: a decision and the destination that gets it. */
export interface DeliveryKey extends DecisionKey {
  readonly destination: string;
}

const ID =
  /^(?<leadId>[\w-]{1,64})_(?<generation>[1-9]\d{0,8})_(?<destination>[a-z0-9][a-z0-9-]{0,62})$/;

/**
 * The `webhook-id` of a delivery, the same at every try and every retry, so that receivers can tell what they have seen. It
 * names lead, generation and destination, and with them the type of the event, which follows from the decision.
 */
export function deliveryId({ leadId, generation, destination }: DeliveryKey): string {
  return `${leadId}_${generation}_${destination}`;
}

/** What an id names; null when it is not the id of a delivery. */
export function readDeliveryId(id: string): DeliveryKey | null {
  const { leadId, generation, destination } = ID.exec(id)?.groups ?? {};
  if (leadId === undefined || generation === undefined || destination === undefined) return null;
  return { leadId, generation: Number(generation), destination };
}

/** Puts deliveries of these leads' decisions on the list that have not ended. @param leads a SELECT of their ids */
export function addDeliveriesOfLeads(
  destinations: readonly Destination[],
  leads: SQL,
  now: number,
): Query {
  const decided = sql`(${leads}) v CROSS JOIN decisions d ON d.lead_id = v.id`;
  return addDeliveries(destinations, decided, now, now);
}

/** Puts deliveries on the list that have not ended. @param decided their decisions as `d`, for a FROM */
export function addDeliveries(
  destinations: readonly Destination[],
  decided: SQL,
  now: number,
  due: number,
): Query {
  return query(sql`
    INSERT INTO deliveries (destination, lead_id, generation, state, since, due)
    SELECT t.value ->> 0, d.lead_id, d.generation, 'waiting', ${now}, ${due}
    FROM ${openFor(destinations, decided)}
    ON CONFLICT (destination, lead_id, generation) DO NOTHING`);
}

/** Deliveries of these decisions that have not ended, except those on the list that were tried or are not due: the cron sends these. */
export function openDeliveries(
  destinations: readonly Destination[],
  keys: readonly DecisionKey[],
  now: number,
): Query<DeliveryKey> {
  return query(sql`
    SELECT t.value ->> 0 AS destination, d.lead_id AS leadId, d.generation
    FROM ${openFor(destinations, decisionsOf(keys))} AND NOT EXISTS (
      SELECT 1 FROM deliveries w WHERE w.destination = t.value ->> 0 AND w.lead_id = d.lead_id AND w.generation = d.generation
        AND (w.cause IS NOT NULL OR w.due > ${now}))`);
}

/** FROM and WHERE of these decisions `d` with each destination `t` that they have still to be delivered to. */
function openFor(destinations: readonly Destination[], decided: SQL): SQL {
  // Each destination and its event types, as one parameter: [[key, [type, …]], …].
  const subscriptions = JSON.stringify(destinations.map(({ key, events }) => [key, events]));
  return sql`${decided} CROSS JOIN json_each(${subscriptions}) t
    WHERE EXISTS (SELECT 1 FROM json_each(t.value -> 1) l WHERE l.value = ${eventTypeOf})
      AND NOT ${deliveryEnded(sql`t.value ->> 0`)}`;
}

/** What has been due for a destination since an instant or longer, longest due first. */
export function dueDeliveries(
  destination: string,
  before: number,
  limit: number,
): Query<Pick<DeliveryRow, "leadId" | "generation" | "tries">> {
  return query(sql`
    SELECT lead_id AS leadId, generation, tries FROM deliveries
    WHERE destination = ${destination} AND state = 'waiting' AND due <= ${before} ORDER BY due LIMIT ${limit}`);
}

/** Puts waiting deliveries off, untried: those on the list already, and, as new since `now`, those that are not. */
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

/** A try that failed, and when the next one is due. */
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
  const list = JSON.stringify(
    tries.map(({ leadId, generation, cause, next }) => [leadId, generation, cause, next]),
  );
  return query(sql`
    INSERT INTO deliveries (destination, lead_id, generation, state, since, due, tries, cause)
    SELECT ${destination}, value ->> 0, value ->> 1, iif(value ->> 3 IS NULL, 'failed', 'waiting'), ${now},
      coalesce(value ->> 3, ${now + FAILED_KEPT_MS}), 1, value ->> 2
    FROM json_each(${list}) WHERE true
    ON CONFLICT (destination, lead_id, generation) DO UPDATE SET
      state = excluded.state, due = excluded.due, tries = tries + 1, cause = excluded.cause`);
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
    WHERE destination = ${destination} AND state = 'waiting' AND ${isAmong(keys)}`);
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

/** Removes ended deliveries from the list. */
export function removeDeliveries(destination: string, keys: readonly DecisionKey[]): Query {
  return query(sql`DELETE FROM deliveries WHERE destination = ${destination} AND ${isAmong(keys)}`);
}

function isAmong(keys: readonly DecisionKey[]): SQL {
  return sql`(lead_id, generation) IN (
    SELECT value ->> 0, value ->> 1 FROM json_each(${keyList(keys)}))`;
}

/** Drops failed deliveries that were listed for long enough. */
export function dropFailed(destination: string, now: number, limit: number): Query {
  return query(sql`
    DELETE FROM deliveries WHERE (destination, lead_id, generation) IN (
      SELECT destination, lead_id, generation FROM deliveries
      WHERE destination = ${destination} AND state = 'failed' AND due <= ${now} ORDER BY due LIMIT ${limit})`);
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

/** One state's deliveries after a key, by destination and lead; of one destination or of all. */
export function listDeliveries(
  { state, destination }: Pick<DeliveryRow, "state"> & { readonly destination: string | null },
  after: DeliveryKey | null,
  limit: number,
): Query<DeliveryRow> {
  const { destination: key = "", leadId = "", generation = 0 } = after ?? {};
  return query(sql`
    SELECT ${columns(deliveries)} FROM deliveries
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
