import type { SQL } from "drizzle-orm";
import { sql } from "../../lib/query.ts";
import type { Span } from "../../record/timeline.ts";

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
export function filtersRows(filter: TimelineFilter): boolean {
  const { type, lead, from: _from, to: _to, ...others } = filter;
  return type !== null || lead !== null || Object.values(others).some((value) => value !== null);
}

/**
 * Whether a scanned key `s` is wanted: its `type`, and as `a`, `b`, `c` lead_id and generation, or subject_type,
 * subject_id and id. What the key cannot tell is looked up by it.
 */
export function isWanted(filter: TimelineFilter): SQL {
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
