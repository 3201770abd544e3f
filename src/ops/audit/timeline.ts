import { query, type Query, rows, sql } from "../../lib/query.ts";
import type { AuditEvent } from "../../record/events.ts";
import {
  decisionColumns,
  decisionFromRow,
  type DecisionRow,
  type StoredDecision,
} from "../../record/lead-story.ts";
import { SCAN_LIMIT } from "../../record/lead-lists.ts";
import {
  type Order,
  type Place,
  type Range,
  scanCommits,
  scanLead,
  type Span,
} from "../../record/timeline.ts";
import type { SQL } from "drizzle-orm";

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

/** Which decisions and events are wanted; null = any. */
export interface TimelineFilter extends Span {
  readonly type: "decision" | "event" | null;
  /** A lead's id, or an alias of it: its decisions and its events. */
  readonly lead: string | null;
  /** Decisions for this rep; events about the rep, their memberships and their absences. */
  readonly owner: string | null;
  /** Decisions of this pod; events about its members, and those of leads that name it. */
  readonly pod: string | null;
  /** Decisions only. */
  readonly rule: string | null;
  /** Decisions only. */
  readonly outcome: "assigned" | "unassigned" | null;
  /** Decisions only. */
  readonly chainVersion: string | null;
  /** Events only. */
  readonly kinds: readonly string[] | null;
  /** What an event is about. A decision is about a lead. */
  readonly subjects: readonly string[] | null;
  /** Who did it: an event's actor, a decision's `decidedBy`. */
  readonly actor: string | null;
}

const ALL = sql`1`;
const NONE = sql`0`;

/** Whether a look at the rows themselves, beyond their keys and their commits, says what is wanted. */
function filtersRows(filter: TimelineFilter): boolean {
  const { type, lead, from: _from, to: _to, ...others } = filter;
  return type !== null || lead !== null || Object.values(others).some((value) => value !== null);
}

/**
 * Whether a scanned key `s` is wanted: its `type`, and as `a`, `b`, `c` lead_id and generation, or subject_type,
 * subject_id and id. What the key cannot tell is looked up by it.
 */
function isWanted(filter: TimelineFilter): SQL {
  return sql`CASE s.type WHEN 'decision' THEN ${decisionWanted(filter)} ELSE ${eventWanted(filter)} END`;
}

function decisionWanted(filter: TimelineFilter): SQL {
  const { type, subjects, kinds, owner, pod, rule, outcome, chainVersion, actor } = filter;
  if (type === "event" || kinds !== null) return NONE;
  if (subjects !== null && !subjects.includes("lead")) return NONE;
  const columns = [
    owner !== null && sql`d.owner_id = ${owner}`,
    pod !== null && sql`d.pod_id = ${pod}`,
    rule !== null && sql`d.rule = ${rule}`,
    outcome !== null && sql`d.outcome = ${outcome}`,
    chainVersion !== null && sql`d.chain_version = ${chainVersion}`,
    actor !== null && sql`d.decided_by = ${actor}`,
  ].filter((condition) => condition !== false);
  if (columns.length === 0) return ALL;
  return sql`EXISTS (
    SELECT 1 FROM decisions d WHERE d.lead_id = s.a AND d.generation = s.b AND ${all(columns)})`;
}

function eventWanted(filter: TimelineFilter): SQL {
  const { type, subjects, kinds, owner, pod, rule, outcome, chainVersion, actor } = filter;
  if (type === "decision" || rule !== null || outcome !== null || chainVersion !== null)
    return NONE;
  const keys = [
    subjects !== null && sql`s.a IN ${subjects}`,
    owner !== null && isAboutRep(owner),
  ].filter((condition) => condition !== false);
  const columns = [
    kinds !== null && sql`e.kind IN ${kinds}`,
    actor !== null && sql`e.actor = ${actor}`,
    pod !== null && isAboutPod(pod),
  ].filter((condition) => condition !== false);
  if (columns.length === 0) return keys.length === 0 ? ALL : all(keys);
  return all([
    ...keys,
    sql`EXISTS (
      SELECT 1 FROM events e
      WHERE e.subject_type = s.a AND e.subject_id = s.b AND e.id = s.c AND ${all(columns)})`,
  ]);
}

/** Members are "pod/rep", absences "rep/absence"; neither pods nor reps have a slash in their ids. */
function isAboutRep(repId: string): SQL {
  return sql`CASE s.a
    WHEN 'rep' THEN s.b = ${repId}
    WHEN 'member' THEN substr(s.b, instr(s.b, '/') + 1) = ${repId}
    WHEN 'absence' THEN substr(s.b, 1, instr(s.b, '/') - 1) = ${repId}
    ELSE 0 END`;
}

function isAboutPod(podId: string): SQL {
  return sql`CASE s.a
    WHEN 'member' THEN substr(s.b, 1, instr(s.b, '/') - 1) = ${podId}
    WHEN 'lead' THEN e.detail ->> 'podId' IS ${podId}
    ELSE 0 END`;
}

function all(conditions: readonly SQL[]): SQL {
  return sql`(${sql.join([...conditions], sql` AND `)})`;
}
