import { smallestLeadId } from "../../lib/ids.ts";
import { query, rows, sql, type Query } from "../../lib/query.ts";

// Rows of the audit that no commit names: somebody put them in past the router. No index leads from a commit to its rows but by
// the commit's own keys, so these are looked for by the rows' keys: those of leads by the day in which the lead came in.

/** Rows looked at by one statement: with their commits some 3,000 rows read. */
const WALK_ROWS = 1_000;
/** Above every id, also one that is none. */
const BEYOND = "\u{10ffff}";

/** The walks in their order, each over a part of one table. */
export const WALKS = ["decisions", "lead_events", "events_below", "events_above"] as const;
export type Walk = (typeof WALKS)[number];

/** Which leads are looked at: by the instant of their id, milliseconds since the epoch; null = unbounded. */
export interface LeadSpan {
  readonly from: number | null;
  readonly to: number | null;
}

export interface Strays {
  /** Keys of rows that the commit they say they are of does not name, as JSON. */
  readonly found: readonly string[];
  /** Rows looked at. */
  readonly looked: number;
  /** Where to look on; null = this walk is done. */
  readonly next: readonly string[] | null;
}

/**
 * Looks at the next rows of a walk.
 * @param after the `next` of the look before; null = from its start
 */
export async function findStrays(
  db: D1Database,
  walk: Walk,
  span: LeadSpan,
  after: readonly string[] | null,
): Promise<Strays> {
  const found = await rows(
    db,
    walk === "decisions" ? decisionsIn(span, after) : eventsIn(walk, span, after),
  );
  const last = found.at(-1);
  return {
    found: found.filter(({ named }) => named === 0).map(({ name }) => name),
    looked: found.length,
    next: found.length < WALK_ROWS || last === undefined ? null : [last.a, last.b, last.c],
  };
}

interface WalkedRow {
  /** The parts of its key. */
  readonly a: string;
  readonly b: string;
  readonly c: string;
  /** Its key as a commit names it. */
  readonly name: string;
  readonly named: 0 | 1;
}

function decisionsIn({ from, to }: LeadSpan, after: readonly string[] | null): Query<WalkedRow> {
  const [leadId, generation] = after ?? [lowest(from), "0"];
  const walked = sql`
    SELECT lead_id AS a, printf('%09d', generation) AS b, '' AS c, json_array('decision', lead_id, generation) AS name, commit_no
    FROM decisions WHERE (lead_id, generation) > (${leadId}, ${Number(generation)}) AND lead_id < ${highest(to)}
    ORDER BY lead_id, generation LIMIT ${WALK_ROWS}`;
  return whetherNamed(walked);
}

function eventsIn(
  walk: Exclude<Walk, "decisions">,
  { from, to }: LeadSpan,
  after: readonly string[] | null,
): Query<WalkedRow> {
  const [start, end] = {
    events_below: [
      ["", ""],
      ["lead", ""],
    ],
    lead_events: [
      ["lead", lowest(from)],
      ["lead", highest(to)],
    ],
    events_above: [
      ["lead", BEYOND],
      [BEYOND, ""],
    ],
  }[walk];
  const [type, subject, id] = after ?? [...(start ?? []), ""];
  const [endType, endSubject] = end ?? [];
  const walked = sql`
    SELECT subject_type AS a, subject_id AS b, id AS c, json_array('event', subject_type, subject_id, id) AS name, commit_no
    FROM events
    WHERE (subject_type, subject_id, id) > (${type}, ${subject}, ${id})
      AND (subject_type, subject_id) < (${endType}, ${endSubject})
    ORDER BY subject_type, subject_id, id LIMIT ${WALK_ROWS}`;
  return whetherNamed(walked);
}

function whetherNamed(walked: Query): Query<WalkedRow> {
  return query(sql`
    WITH walked AS MATERIALIZED (${walked})
    SELECT w.a, w.b, w.c, w.name, (w.commit_no, w.name) IN (
      SELECT c.no, k.value
      FROM (SELECT DISTINCT commit_no AS no FROM walked) n CROSS JOIN commits c ON c.no = n.no CROSS JOIN json_each(c.keys) k
      WHERE k.type = 'array'
    ) AS named
    FROM walked w ORDER BY w.a, w.b, w.c`);
}

function lowest(instant: number | null): string {
  return instant === null ? "" : smallestLeadId(instant);
}

function highest(instant: number | null): string {
  return instant === null ? BEYOND : smallestLeadId(instant);
}
