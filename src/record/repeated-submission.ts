import { query, sql, transaction } from "../lib/query.ts";
import { appendCommit, nextCommitNo } from "./commits.ts";
import { leadEvent } from "./event.ts";
import { columnsOfEvents } from "./events.ts";

/**
 * Tells a lead's story that it was sent again, unless it tells so already.
 * @param since the smallest id of an event that counts as telling it already: nobody may fill what is kept for ever
 */
export async function recordRepeatedSubmission(
  db: D1Database,
  { id, leadId, at, since }: { id: string; leadId: string; at: number; since: string },
): Promise<void> {
  const event = leadEvent(
    id,
    { leadId, generation: 1 },
    { kind: "duplicate_submission", occurredAt: at, detail: {} },
  );
  const { subjectType, generation, kind, actor } = event;
  const insert = query(sql`
    INSERT INTO events (${columnsOfEvents})
    SELECT ${subjectType}, ${leadId}, ${id}, ${generation}, ${kind}, ${actor}, ${at}, ${nextCommitNo}, '{}'
    WHERE NOT EXISTS (
      SELECT 1 FROM events AS e
      WHERE e.subject_type = ${subjectType} AND e.subject_id = ${leadId} AND e.id >= ${since} AND e.kind = ${kind})
    ON CONFLICT (subject_type, subject_id, id) DO NOTHING`);
  await transaction(db, [insert, appendCommit(at, [], [event])]);
}
