import type { SQL } from "drizzle-orm";
import type { AuditEvent } from "../record/events.ts";
import { query, sql, type Query } from "../lib/query.ts";

// What the audit events of roster and accounts have in common. Each says `before` and `after` with all that
// routing looks at, null where there was or is nothing, so that any past instant can be rebuilt. Of personal
// data and free text it says under `changed` only that they changed.

/** Names one audit event. */
export type EventKey = Pick<AuditEvent, "subjectType" | "subjectId" | "id">;

/** How a PUT came out. */
export type PutOutcome = "added" | "changed" | "unchanged";

/** A value that stands in D1 as asked. */
export interface Saved<Value> {
  readonly outcome: PutOutcome;
  readonly value: Value;
  /** Pods that have not confirmed the roster: the change stands, but they may still draw by the older one. */
  readonly unconfirmed: readonly string[];
}

export interface Removal {
  readonly outcome: "removed" | "not_found";
  /** As in {@link Saved}; also for what was not found, because an earlier removal may not have been confirmed. */
  readonly unconfirmed: readonly string[];
}

/** The kind of this event: one row, or none when the transaction found nothing to change. */
export function kindOfEvent({ subjectType, subjectId, id }: EventKey): Query<{ kind: string }> {
  return query(sql`
    SELECT kind FROM events WHERE subject_type = ${subjectType} AND subject_id = ${subjectId} AND id = ${id}`);
}

export function putOutcome(events: readonly { kind: string }[]): PutOutcome {
  const [event] = events;
  if (event === undefined) return "unchanged";
  return event.kind.endsWith("_changed") ? "changed" : "added";
}

/** ISO 8601 UTC, to the millisecond, of a column in milliseconds since the epoch. */
export function isoInstant(milliseconds: SQL): SQL {
  return sql`strftime('%Y-%m-%dT%H:%M:%fZ', (${milliseconds}) / 1000.0, 'unixepoch')`;
}

/** JSON list of the names of those fields whose column differs from the new value. */
export function changedFields(
  fields: Readonly<Record<string, readonly [column: SQL, value: unknown]>>,
): SQL {
  const names = Object.entries(fields).map(
    ([name, [column, value]]) => sql`SELECT ${name} AS name WHERE ${column} IS NOT ${value}`,
  );
  return sql`json((SELECT json_group_array(name) FROM (${sql.join(names, sql` UNION ALL `)})))`;
}
