import { query, type Query, sql } from "../lib/query.ts";
import type { SQL } from "drizzle-orm";
import { wantNotificationOfUntold, wantRoutingOfUndecided } from "./pending.ts";

// The row of `marks` named "epoch": the world that D1 is in. D1 Time Travel takes decisions away that pods have counted, so a
// restore is followed by a new epoch, and whatever was drawn, read or counted in an older one no longer holds. An epoch is the
// instant it began, in milliseconds: it rises for good although D1, and this row with it, goes back.

/** The epoch that D1 is in, as an expression for guards. 0 = D1 was never restored. */
export const epochNow = sql`coalesce((SELECT CAST(value AS INTEGER) FROM marks WHERE name = 'epoch'), 0)`;

/** The epoch, read with what it is the epoch of: one row. */
export function currentEpoch(): Query<{ epoch: number }> {
  return query(sql`SELECT ${epochNow} AS epoch`);
}

/** The epoch among rows that `currentEpoch` yielded. */
export function epochFromRows([row]: readonly { readonly epoch: number }[]): number {
  return row?.epoch ?? 0;
}

/** Begins an epoch, if it is later than the one D1 is in. */
export function beginEpoch(epoch: number): Query {
  return query(sql`
    INSERT INTO marks (name, value) VALUES ('epoch', ${String(epoch)})
    ON CONFLICT (name) DO UPDATE SET value = excluded.value
    WHERE CAST(excluded.value AS INTEGER) > CAST(marks.value AS INTEGER)`);
}

/** Leads looked at in one transaction of bounded size. */
export const LOOK_LIMIT = 500;

/** The leads behind the mark that are old enough: what this sweep looks at. Both bounds are UUIDv7. */
function leadsInView(before: string) {
  return sql`
    SELECT id FROM leads WHERE id > (SELECT value FROM marks WHERE name = 'sweep') AND id < ${before}
    ORDER BY id LIMIT ${LOOK_LIMIT}`;
}

/** How many leads the next look sees: `LOOK_LIMIT` = there may be more behind them. */
export function countInView(before: string): Query<{ readonly count: number }> {
  return query(sql`SELECT count(*) AS count FROM (${leadsInView(before)})`);
}

/**
 * Looks at the next leads and moves the mark past them, as statements of one transaction: a lead that lands
 * behind the mark later is caught by a trigger, so none is ever passed by.
 * @param before the smallest UUIDv7 too young to be looked at
 * @param also what else is to be done with the leads that a SELECT of ids yields
 */
export function lookAndMark(
  before: string,
  due: number,
  also: readonly ((leads: SQL) => Query)[] = [],
): readonly Query[] {
  return [
    wantRoutingOfUndecided(leadsInView(before), due),
    wantNotificationOfUntold(leadsInView(before), due),
    ...also.map((look) => look(leadsInView(before))),
    query(sql`
      UPDATE marks SET value = (SELECT max(id) FROM (${leadsInView(before)}))
      WHERE name = 'sweep' AND EXISTS (${leadsInView(before)})`),
  ];
}

/** Whether the sweep has looked at the lead of this id, an expression, and will not do so again. */
export function lookedAt(id: SQL): SQL {
  return sql`${id} <= (SELECT value FROM marks WHERE name = 'sweep')`;
}

/** One mark of text: one row, or none while it was never set. */
export function markNamed(name: string): Query<{ value: string }> {
  return query(sql`SELECT value FROM marks WHERE name = ${name}`);
}

/** Sets marks, whatever they were. */
export function setMarks(marks: readonly (readonly [name: string, value: string])[]): Query {
  return query(sql`
    INSERT INTO marks (name, value) SELECT value ->> 0, value ->> 1 FROM json_each(${JSON.stringify(marks)}) WHERE true
    ON CONFLICT (name) DO UPDATE SET value = excluded.value`);
}

/** Removes marks; one that is not there is no error. */
export function dropMarks(names: readonly string[]): Query {
  return query(
    sql`DELETE FROM marks WHERE name IN (SELECT value FROM json_each(${JSON.stringify(names)}))`,
  );
}
