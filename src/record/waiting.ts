import { query, sql, type Query } from "../lib/query.ts";
import { nextCommitNo } from "./commits.ts";
import type { AuditEvent } from "./event.ts";
import { columnsOfEvents } from "./events.ts";

/** Records that leads began to wait in a pod's line: once per decision and pod, however often they are asked for. */
export function insertWaiting(events: readonly AuditEvent[]): Query {
  return query(sql`
    INSERT INTO events (${columnsOfEvents})
    SELECT 'lead', w.value ->> 'subjectId', w.value ->> 'id', w.value ->> 'generation', w.value ->> 'kind',
      w.value ->> 'actor', w.value ->> 'occurredAt', ${nextCommitNo}, w.value -> 'detail'
    FROM json_each(${JSON.stringify(events)}) w
    WHERE NOT EXISTS (
      SELECT 1 FROM events e WHERE e.subject_type = 'lead' AND e.subject_id = w.value ->> 'subjectId'
        AND e.generation = w.value ->> 'generation' AND e.kind = w.value ->> 'kind'
        AND e.detail ->> 'podId' = w.value -> 'detail' ->> 'podId')
    ON CONFLICT (subject_type, subject_id, id) DO NOTHING`);
}
