import { lastCommitNo } from "./events.ts";
import { type DecisionKey, keyList } from "./decision-key.ts";
import { query, sql, type Query } from "../lib/query.ts";

// The one place with SQL on `dead_letters`: leads that were given up on. There are none when all is well.

/** What counts for the alert, in milliseconds. */
const COUNTED_MS = 60 * 60_000;
/** Rows counted at most: the largest limit that the alert can have. */
export const COUNT_LIMIT = 1_000;
/** How long they are kept, in milliseconds: for people who look after the weekend. */
const KEPT_MS = 7 * 24 * 60 * 60_000;
/** Rows dropped a minute. */
const DROP_LIMIT = 500;

/** Notes decisions of this transaction's commit that nobody gets a lead because no try could route it. */
export function noteUnroutable(keys: readonly DecisionKey[], at: number): Query {
  return query(sql`
    INSERT INTO dead_letters (lead_id, generation, kind, at)
    SELECT d.lead_id, d.generation, 'route', ${at} FROM json_each(${keyList(keys)}) k
    CROSS JOIN decisions d ON d.lead_id = k.value ->> 0 AND d.generation = k.value ->> 1
    WHERE d.commit_no = ${lastCommitNo} AND d.outcome = 'unassigned'
    ON CONFLICT (lead_id, generation, kind) DO NOTHING`);
}

/** Notes decisions of which nobody could be told. */
export function noteUntold(keys: readonly DecisionKey[], at: number): Query {
  return query(sql`
    INSERT INTO dead_letters (lead_id, generation, kind, at)
    SELECT value ->> 0, value ->> 1, 'notify', ${at} FROM json_each(${keyList(keys)}) WHERE true
    ON CONFLICT (lead_id, generation, kind) DO NOTHING`);
}

/** How many there were in the last hour: a thousand at most. */
export function countDeadLetters(now: number): Query<{ count: number }> {
  return query(sql`
    SELECT count(*) AS count FROM (
      SELECT 1 FROM dead_letters WHERE at > ${now - COUNTED_MS} LIMIT ${COUNT_LIMIT})`);
}

/** Drops those that were kept for long enough, some at a time. */
export function dropOldDeadLetters(now: number): Query {
  return query(sql`
    DELETE FROM dead_letters WHERE (lead_id, generation, kind) IN (
      SELECT lead_id, generation, kind FROM dead_letters WHERE at <= ${now - KEPT_MS} LIMIT ${DROP_LIMIT})`);
}
