import type { SQL } from "drizzle-orm";
import { keyList, type DecisionKey } from "./decision-key.ts";
import { query, sql, type Query } from "../lib/query.ts";
import type { AuditEvent } from "./event.ts";

// The only place that writes commits. Every transaction that writes audit rows takes the next number for
// them and then appends one row here that names them: the strict order of the audit.

/** The number of the commit being written, for the audit rows that precede its row in the transaction. */
export const nextCommitNo = sql.raw("(SELECT coalesce(max(no), 0) + 1 FROM commits)");
/** The number of the commit just appended; in a transaction that wrote no audit row, that of an older one. */
export const lastCommitNo = sql.raw("(SELECT coalesce(max(no), 0) FROM commits)");

/** Appends the commit: it names those of these rows that this transaction wrote, and is left out if there are none. */
export function appendCommit(
  at: number,
  decisions: readonly DecisionKey[],
  events: readonly Pick<AuditEvent, "subjectType" | "subjectId" | "id">[] = [],
): Query {
  const eventKeys = JSON.stringify(
    events.map(({ subjectType, subjectId, id }) => [subjectType, subjectId, id]),
  );
  return query(sql`
    INSERT INTO commits (no, at, keys)
    SELECT ${nextCommitNo}, ${at}, json_group_array(json(written.key)) FROM (
      SELECT json_array('decision', d.lead_id, d.generation) AS key
      FROM json_each(${keyList(decisions)}) k
      CROSS JOIN decisions d ON d.lead_id = k.value ->> 0 AND d.generation = k.value ->> 1
      WHERE d.commit_no = ${nextCommitNo}
      UNION ALL
      SELECT json_array('event', e.subject_type, e.subject_id, e.id)
      FROM json_each(${eventKeys}) k
      CROSS JOIN events e ON e.subject_type = k.value ->> 0 AND e.subject_id = k.value ->> 1 AND e.id = k.value ->> 2
      WHERE e.commit_no = ${nextCommitNo}
    ) written HAVING count(*) > 0`);
}

/**
 * As {@link appendCommit}, of the events whose keys a SELECT yields, as columns subject_type, subject_id and id. D1 takes
 * 2 MB a row: 3,000 keys of the longest domains there can be.
 */
export function appendCommitOf(at: number, events: SQL): Query {
  return query(sql`
    INSERT INTO commits (no, at, keys)
    SELECT ${nextCommitNo}, ${at}, json_group_array(json_array('event', e.subject_type, e.subject_id, e.id))
    FROM (${events}) k
    CROSS JOIN events e ON e.subject_type = k.subject_type AND e.subject_id = k.subject_id AND e.id = k.id
    WHERE e.commit_no = ${nextCommitNo}
    HAVING count(*) > 0`);
}
