import type { SQL } from "drizzle-orm";
import { query, sql, transaction, type Query } from "../../lib/query.ts";

// What was committed after a number, for the rollup and for what it has not counted yet.

/** Commits looked at together. */
const MAX_COMMITS = 500;
/**
 * Audit rows they may name: one transaction of some tens of milliseconds. Reading a row of the audit with its lead costs D1
 * some seven rows read (test/ops/api/metrics/metrics-bounds.workerd.test.ts).
 */
const MAX_KEYS = 2_000;
/** Rows about the configuration that weigh as one: they are only passed over, and an import of 100,000 must not hold metrics up. */
const PASSED_OVER = 20;

/** A decision as metrics see it. */
export interface CommittedDecision {
  readonly generation: number;
  /** Null = unassigned. */
  readonly ownerId: string | null;
  readonly podId: string | null;
  readonly rule: string | null;
  readonly decidedAt: number;
  readonly decidedBy: string;
  readonly receivedAt: number;
  readonly source: string | null;
  /** JSON: [[rule, kind, outcome, podId], …], the trail without its candidates. */
  readonly steps: string;
}

/** That somebody was told of a decision, for the first time. */
export interface CommittedNotice {
  readonly generation: number;
  readonly podId: string | null;
  readonly decidedAt: number;
  readonly decidedBy: string;
  readonly receivedAt: number;
  readonly notifiedAt: number;
}

/** Some commits in their order, and what they hold for metrics. */
export interface Committed {
  /** The last of them: its number and its instant; null = there was none. */
  readonly last: { readonly no: number; readonly at: number } | null;
  readonly decisions: readonly CommittedDecision[];
  readonly notices: readonly CommittedNotice[];
  /** Whether others follow these. */
  readonly more: boolean;
}

/** The next commits after a number, as many as may be read at once, with the rows that `also` yields of the same instant. */
export async function readCommitted<Row>(
  db: D1Database,
  after: number | SQL,
  also: Query<Row>,
): Promise<Committed & { readonly also: readonly Row[] }> {
  const taken = sql`WITH taken AS MATERIALIZED (${nextCommits(after)})`;
  const [[last], decisions, notices, [newest], rows] = await transaction(db, [
    query<{ no: number; at: number }>(
      sql`${taken} SELECT no, at FROM taken ORDER BY no DESC LIMIT 1`,
    ),
    query<CommittedDecision>(sql`${taken}
      SELECT d.generation, d.owner_id AS ownerId, d.pod_id AS podId, d.rule, d.decided_at AS decidedAt,
        d.decided_by AS decidedBy, l.received_at AS receivedAt, l.source, (
          SELECT json_group_array(json_array(s.value ->> 'rule', s.value ->> 'kind', s.value ->> 'outcome', s.value ->> 'podId'))
          FROM json_each(d.trail) s
        ) AS steps
      FROM taken t
      CROSS JOIN json_each(t.keys) k
      CROSS JOIN decisions d ON d.lead_id = k.value ->> 1 AND d.generation = k.value ->> 2
      CROSS JOIN leads l ON l.id = d.lead_id
      WHERE k.value ->> 0 = 'decision'`),
    // A crash may have had somebody told twice: the first time counts.
    query<CommittedNotice>(sql`${taken}
      SELECT d.generation, d.pod_id AS podId, d.decided_at AS decidedAt, d.decided_by AS decidedBy,
        l.received_at AS receivedAt, e.occurred_at AS notifiedAt
      FROM taken t
      CROSS JOIN json_each(t.keys) k
      CROSS JOIN events e ON e.subject_type = 'lead' AND e.subject_id = k.value ->> 2 AND e.id = k.value ->> 3
      CROSS JOIN decisions d ON d.lead_id = e.subject_id AND d.generation = e.generation
      CROSS JOIN leads l ON l.id = d.lead_id
      WHERE k.value ->> 0 = 'event' AND k.value ->> 1 = 'lead' AND e.kind = 'notified' AND NOT EXISTS (
        SELECT 1 FROM events f WHERE f.subject_type = 'lead' AND f.subject_id = e.subject_id
          AND f.generation = e.generation AND f.kind = 'notified' AND (f.commit_no, f.id) < (e.commit_no, e.id))`),
    query<{ no: number | null }>(sql`SELECT max(no) AS no FROM commits`),
    also,
  ]);
  const more = last !== undefined && newest?.no !== last.no;
  return { last: last ?? null, decisions, notices, more, also: rows };
}

/** The first commit always, and others while there is room: a commit may be an import of thousands of rows. */
function nextCommits(after: number | SQL): SQL {
  return sql`
    SELECT no, at, keys FROM (
      SELECT no, at, keys, row_number() OVER (ORDER BY no) AS place,
        sum(json_array_length(keys) / iif(keys ->> '$[0][0]' = 'event' AND keys ->> '$[0][1]' <> 'lead', ${PASSED_OVER}, 1))
          OVER (ORDER BY no) AS named
      FROM (SELECT no, at, keys FROM commits WHERE no > ${after} ORDER BY no LIMIT ${MAX_COMMITS})
    ) WHERE place = 1 OR named <= ${MAX_KEYS}`;
}
