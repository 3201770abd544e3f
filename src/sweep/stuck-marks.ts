import { query, sql, type Query } from "../lib/query.ts";
import type { PendingRow } from "../record/pending.ts";

// The rows of `marks` that begin with "stuck:": rows of `pending` of which ops have still to be told. There are none when all is well.

type Key = Pick<PendingRow, "leadId" | "generation" | "kind">;

/** A marked row of the list. */
export interface MarkedRow extends Key {
  /** 1 while it is on the list; 0 = it got its go before ops could be told. */
  readonly waits: 0 | 1;
}

const PREFIX = "stuck:";
/** The character after ":". */
const AFTER_PREFIX = "stuck;";

/** Ops are to hear of these. */
export function markStuck(keys: readonly Key[]): Query {
  return query(sql`
    INSERT INTO marks (name, value) SELECT value ->> 0, value ->> 1 FROM json_each(${JSON.stringify(keys.map((key) => [nameOf(key), valueOf(key)]))}) WHERE true
    ON CONFLICT (name) DO NOTHING`);
}

/** Those of which ops have not heard, the oldest lead first. */
export function stuckMarks(limit: number): Query<MarkedRow> {
  return query(sql`
    WITH marked AS (
      SELECT name, value ->> 0 AS lead_id, value ->> 1 AS generation, value ->> 2 AS kind FROM marks
      WHERE name > ${PREFIX} AND name < ${AFTER_PREFIX} ORDER BY name LIMIT ${limit})
    SELECT m.lead_id AS leadId, m.generation, m.kind, EXISTS (
      SELECT 1 FROM pending p WHERE p.lead_id = m.lead_id AND p.generation = m.generation AND p.kind = m.kind) AS waits
    FROM marked m ORDER BY m.name`);
}

/** Ops heard of these, or need not any more. */
export function clearStuckMarks(keys: readonly Key[]): Query {
  return query(sql`
    DELETE FROM marks WHERE name IN (SELECT value FROM json_each(${JSON.stringify(keys.map(nameOf))}))`);
}

function nameOf(key: Key): string {
  return PREFIX + valueOf(key);
}

function valueOf({ leadId, generation, kind }: Key): string {
  return JSON.stringify([leadId, generation, kind]);
}
