import type { SQL } from "drizzle-orm";
import { query, sql, type Query } from "../lib/query.ts";
import { wantNotificationOfUntold, wantRoutingOfUndecided } from "./pending.ts";

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
