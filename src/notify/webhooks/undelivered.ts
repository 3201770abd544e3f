import type { SQL } from "drizzle-orm";
import { deliveryEnded } from "../../record/delivery-events.ts";
import { type DecisionKey, keyList } from "../../record/decision-key.ts";
import { query, sql, type Query } from "../../lib/query.ts";
import { lookedAt } from "../../record/marks.ts";
import type { DeliveryKey } from "./delivery-id.ts";
import { type Destination, eventTypeOf } from "../../rules/destination.ts";

// What puts deliveries onto the list `deliveries` that nobody has tried yet; the rest of that table is in deliveries.ts.

/** Puts deliveries on the list that the sweep would not find: it looks at a lead once, and passes by what is decided later. */
export function keepUnseen(
  destinations: readonly Destination[],
  keys: readonly DecisionKey[],
  now: number,
  due: number,
): Query {
  return keep(
    destinations,
    decisionsOf(keys),
    sql`(d.generation > 1 OR ${lookedAt(sql`d.lead_id`)})`,
    now,
    due,
  );
}

/** Puts deliveries of these decisions on the list that have not ended. */
export function keepUndelivered(
  destinations: readonly Destination[],
  keys: readonly DecisionKey[],
  now: number,
): Query {
  return keep(destinations, decisionsOf(keys), sql`true`, now, now);
}

/** Puts deliveries on the list that have not ended, of the leads that a SELECT of ids yields. */
export function keepUndeliveredOf(
  destinations: readonly Destination[],
  leads: SQL,
  now: number,
): Query {
  return keep(
    destinations,
    sql`(${leads}) v CROSS JOIN decisions d ON d.lead_id = v.id`,
    sql`true`,
    now,
    now,
  );
}

function keep(
  destinations: readonly Destination[],
  decided: SQL,
  which: SQL,
  now: number,
  due: number,
): Query {
  return query(sql`
    INSERT INTO deliveries (destination, lead_id, generation, state, since, due)
    SELECT t.value ->> 0, d.lead_id, d.generation, 'waiting', ${now}, ${due}
    FROM ${decided} CROSS JOIN json_each(${listened(destinations)}) t
    WHERE ${which} AND ${isListenedTo} AND NOT ${deliveryEnded(sql`t.value ->> 0`)}
    ON CONFLICT (destination, lead_id, generation) DO NOTHING`);
}

/** Deliveries of these decisions that have not ended, but for those on the list that were tried or are not due: the sweep hands these over. */
export function undelivered(
  destinations: readonly Destination[],
  keys: readonly DecisionKey[],
  now: number,
): Query<DeliveryKey> {
  return query(sql`
    SELECT t.value ->> 0 AS destination, d.lead_id AS leadId, d.generation
    FROM ${decisionsOf(keys)} CROSS JOIN json_each(${listened(destinations)}) t
    WHERE ${isListenedTo} AND NOT ${deliveryEnded(sql`t.value ->> 0`)} AND NOT EXISTS (
      SELECT 1 FROM deliveries w WHERE w.destination = t.value ->> 0 AND w.lead_id = d.lead_id AND w.generation = d.generation
        AND (w.cause IS NOT NULL OR w.due > ${now}))`);
}

/** Destinations and what each listens to, as one parameter: [[key, [type, …]], …]. */
function listened(destinations: readonly Destination[]): string {
  return JSON.stringify(destinations.map(({ key, events }) => [key, events]));
}

const isListenedTo = sql`EXISTS (SELECT 1 FROM json_each(t.value -> 1) l WHERE l.value = ${eventTypeOf})`;

function decisionsOf(keys: readonly DecisionKey[]): SQL {
  return sql`json_each(${keyList(keys)}) k
    CROSS JOIN decisions d ON d.lead_id = k.value ->> 0 AND d.generation = k.value ->> 1`;
}
