import { query, rows, sql, type Query } from "../../lib/query.ts";
import type { AuditEvent } from "../../record/events.ts";
import {
  decisionColumns,
  decisionFromRow,
  type DecisionRow,
  type StoredDecision,
} from "../../record/lead-story.ts";
import { SCAN_LIMIT } from "../../record/lead-lists.ts";
import { filtersRows, isWanted, type TimelineFilter } from "./timeline-filter.ts";
import {
  type Order,
  type Place,
  type Range,
  scanCommits,
  scanLead,
} from "../../record/timeline.ts";

/** Something that happened: a decision or an event, where it stands in the strict order of commits. */
export type TimelineItem = Place & {
  /** The commit's instant, by the clock of whoever committed. Milliseconds since the epoch. */
  readonly at: number;
} & (
    | { readonly type: "decision"; readonly decision: StoredDecision }
    | { readonly type: "event"; readonly event: AuditEvent }
  );

/** What one look at the timeline found. */
export interface TimelinePart {
  readonly items: readonly TimelineItem[];
  /** How far was looked: nothing wanted stands before it that is not in `items`. Null when there was nothing to look at. */
  readonly end: Place | null;
  /** Whether there is more to look at beyond `end`. */
  readonly more: boolean;
}

export interface TimelinePosition {
  readonly order: Order;
  readonly after: Place | null;
  /** No commit above this number; null = up to the newest. */
  readonly upTo: number | null;
}

/** The number of the newest commit; 0 when there is none. */
export function newestCommit(): Query<{ no: number }> {
  return query(sql`SELECT coalesce(max(no), 0) AS no FROM commits`);
}

/**
 * Reads on in the timeline. One lead's part is found by the lead's own rows. All else is looked for commit by commit, a
 * bounded number of rows each time: of a rare kind the part may be short, or empty, though more follows.
 * @param scanLimit keys, and commits, looked at; smaller in tests
 */
export async function readTimeline(
  db: D1Database,
  filter: TimelineFilter,
  { order, after, upTo }: TimelinePosition,
  limit: number,
  scanLimit: number = SCAN_LIMIT,
): Promise<TimelinePart> {
  const range: Range = { from: filter.from, to: filter.to, order, after, upTo };
  // Without a filter every key is wanted: one more than the part holds tells whether there is another.
  const keys = filtersRows(filter) ? scanLimit : Math.min(limit + 1, scanLimit);
  const scan =
    filter.lead === null ? scanCommits(range, keys, scanLimit) : scanLead(range, filter.lead);
  const direction = order === "asc" ? sql`ASC` : sql`DESC`;
  const found = await rows(
    db,
    query<FoundRow>(sql`
      WITH RECURSIVE ${scan},
      wanted AS MATERIALIZED (
        SELECT s.* FROM scanned s WHERE ${isWanted(filter)}
        ORDER BY s.no ${direction}, s.place ${direction} LIMIT ${limit + 1}
      )
      SELECT x.endNo, x.endPlace, x.more, w.no, w.place, w.at, w.type, ${decisionColumns},
        e.id AS eventId, e.subject_type AS subjectType, e.subject_id AS subjectId, e.generation AS eventGeneration,
        e.kind, e.actor, e.occurred_at AS occurredAt, e.detail
      FROM scan x
      LEFT JOIN wanted w ON true
      LEFT JOIN decisions d ON w.type = 'decision' AND d.lead_id = w.a AND d.generation = w.b
      LEFT JOIN events e ON w.type = 'event' AND e.subject_type = w.a AND e.subject_id = w.b AND e.id = w.c
      ORDER BY w.no ${direction}, w.place ${direction}`),
  );
  const [first] = found;
  if (first === undefined) return { items: [], end: null, more: false };
  const items = found.filter((row) => row.type !== null).map(itemFromRow);
  const last = items[limit - 1];
  if (items.length > limit && last !== undefined) {
    return { items: items.slice(0, limit), end: placeOf(last), more: true };
  }
  // The walk looks into the cursor's commit again, for what may be left of it: that alone is no way forward.
  const moved = first.endNo !== after?.no || first.endPlace !== after.place;
  const end = moved ? { no: first.endNo, place: first.endPlace } : null;
  return { items, end, more: first.more === 1 };
}

/** What a row says of the scan, and the item it carries; one row without an item when nothing was found. */
type FoundRow = {
  readonly endNo: number;
  readonly endPlace: number;
  readonly more: 0 | 1;
} & (ItemRow | { readonly type: null });

type ItemRow = Place & { readonly at: number } & (
    | ({ readonly type: "decision" } & DecisionRow)
    | ({ readonly type: "event" } & EventRow)
  );

interface EventRow extends Omit<AuditEvent, "id" | "generation" | "detail"> {
  readonly eventId: string;
  readonly eventGeneration: number | null;
  readonly detail: string;
}

function itemFromRow(row: ItemRow): TimelineItem {
  const { no, place, at } = row;
  return row.type === "decision"
    ? { no, place, at, type: "decision", decision: pickDecision(row) }
    : { no, place, at, type: "event", event: eventFromRow(row) };
}

function placeOf({ no, place }: Place): Place {
  return { no, place };
}

function eventFromRow(row: EventRow): AuditEvent {
  const { subjectType, subjectId, kind, actor, occurredAt } = row;
  const { eventId: id, eventGeneration: generation } = row;
  return {
    id,
    subjectType,
    subjectId,
    generation,
    kind,
    actor,
    occurredAt,
    detail: JSON.parse(row.detail),
  };
}

/** The decision alone: the row carries the event's columns too, empty. */
function pickDecision(row: DecisionRow): StoredDecision {
  const { leadId, generation, outcome, rule, podId, claimSeq, ownerId } = row;
  const { reason, trail, chainVersion, decidedAt, committedAt, decidedBy } = row;
  return decisionFromRow({
    leadId,
    generation,
    outcome,
    rule,
    podId,
    claimSeq,
    ownerId,
    reason,
    trail,
    chainVersion,
    decidedAt,
    committedAt,
    decidedBy,
  });
}
