import { query, sql, type Query } from "../lib/query.ts";

// The row of `marks` named "epoch": the world that D1 is in. D1 Time Travel takes decisions away that pods have counted, so a
// restore is followed by a new epoch, and whatever was drawn, read or counted in an older one no longer holds. An epoch is the
// instant it began, in milliseconds: it rises for good although D1, and this row with it, goes back.

/** The epoch as D1 stands, an expression: for guards. 0 = D1 was never set back. */
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
