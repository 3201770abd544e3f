import { query, rows, sql, type Query } from "../lib/query.ts";
import { type Act, insertAct } from "./lead-acts.ts";
import { cutPage, type Page, SCAN_LIMIT } from "./lead-lists.ts";

/** What a rep says of a lead they were given. */
export interface DisputeWords {
  /** Whose lead it is and who says that it should not be. */
  readonly repId: string;
  readonly note: string;
  /** Who should have had it; null = not said. */
  readonly shouldBe: string | null;
}

/** Whether ops have dealt with a dispute, and how. */
type DisputeState = "open" | "decided_again" | "closed" | "erased";

/** A dispute's place in the list: later commits first. */
export interface DisputeKey {
  readonly commitNo: number;
  readonly leadId: string;
}

/** A dispute and the decision that it is about, in short. */
export interface ListedDispute extends DisputeWords, DisputeKey {
  readonly id: string;
  readonly generation: number;
  readonly actor: string;
  /** Milliseconds since the epoch. */
  readonly occurredAt: number;
  readonly state: DisputeState;
  readonly podId: string | null;
  readonly rule: string | null;
  readonly reason: string;
  /** Milliseconds since the epoch. */
  readonly decidedAt: number;
}

/**
 * Records that the newest decision is disputed, unless it is nobody's or somebody else's, is disputed already, or the lead is
 * closed or erased. Who should have had it is to be a rep.
 */
export function insertDisputed(act: Act, { repId, note, shouldBe }: DisputeWords): Query {
  return insertAct(act, "disputed", {
    generation: sql`s.newest`,
    detail: sql`json_object('repId', ${repId}, 'note', ${note}, 'shouldBe', ${shouldBe})`,
    where: sql`s.ownerId = ${repId} AND NOT s.erased AND NOT s.closed
      AND (${shouldBe} IS NULL OR EXISTS (SELECT 1 FROM reps r WHERE r.id = ${shouldBe}))
      AND NOT EXISTS (
        SELECT 1 FROM events e WHERE e.subject_type = 'lead' AND e.subject_id = s.leadId
          AND e.kind = 'disputed' AND e.generation = s.newest)`,
  });
}

/** How a dispute of the newest decision would fare: `disputed` = it is already; `known` = who should have had it is a rep. */
export function disputability(
  leadId: string,
  shouldBe: string | null,
): Query<{ disputed: 0 | 1; known: 0 | 1 }> {
  return query(sql`
    SELECT EXISTS (
        SELECT 1 FROM events e WHERE e.subject_type = 'lead' AND e.subject_id = ${leadId} AND e.kind = 'disputed'
          AND e.generation = (SELECT max(d.generation) FROM decisions d WHERE d.lead_id = ${leadId})
      ) AS disputed,
      ${shouldBe} IS NULL OR EXISTS (SELECT 1 FROM reps r WHERE r.id = ${shouldBe}) AS known`);
}

const STATE = sql`CASE
  WHEN l.erased_at IS NOT NULL THEN 'erased'
  WHEN EXISTS (SELECT 1 FROM decisions n WHERE n.lead_id = s.lead_id AND n.generation > s.generation) THEN 'decided_again'
  WHEN EXISTS (
    SELECT 1 FROM events c WHERE c.subject_type = 'lead' AND c.subject_id = s.lead_id
      AND c.kind = 'closed' AND c.generation = s.generation) THEN 'closed'
  ELSE 'open' END`;

/**
 * Disputes, newest first: those that are open, those that were dealt with, or all (null). Looks at a bounded number of
 * disputes a page: a page may be short, and its `next` carries on.
 */
export async function listDisputes(
  db: D1Database,
  open: boolean | null,
  limit: number,
  after: DisputeKey | null,
): Promise<Page<ListedDispute, DisputeKey>> {
  const scanLimit = open === null ? limit + 1 : SCAN_LIMIT;
  // The kind is a literal, and the type of subject is left out: else SQLite would not use the partial index `events_disputed`.
  const scanned = await rows(
    db,
    query<ListedDispute>(sql`
      WITH scanned AS MATERIALIZED (
        SELECT e.commit_no, e.subject_id AS lead_id, e.id, e.generation, e.actor, e.occurred_at, e.detail
        FROM events e
        WHERE e.kind = 'disputed' AND (${after === null ? sql`1` : sql`(e.commit_no, e.subject_id) < (${after.commitNo}, ${after.leadId})`})
        ORDER BY e.commit_no DESC, e.subject_id DESC LIMIT ${scanLimit}
      )
      SELECT s.commit_no AS commitNo, s.id, s.lead_id AS leadId, s.generation, s.actor, s.occurred_at AS occurredAt,
        s.detail ->> 'repId' AS repId, s.detail ->> 'note' AS note, s.detail ->> 'shouldBe' AS shouldBe,
        ${STATE} AS state, d.pod_id AS podId, d.rule, d.reason, d.decided_at AS decidedAt
      FROM scanned s
      CROSS JOIN leads l ON l.id = s.lead_id
      CROSS JOIN decisions d ON d.lead_id = s.lead_id AND d.generation = s.generation
      ORDER BY s.commit_no DESC, s.lead_id DESC`),
  );
  const keyOf = ({ commitNo, leadId }: DisputeKey): DisputeKey => ({ commitNo, leadId });
  const last = scanned.at(-1);
  const found = scanned.filter(({ state }) => open === null || (state === "open") === open);
  const scan = { count: scanned.length, last: last === undefined ? null : keyOf(last) };
  return cutPage(found, limit, keyOf, scan, scanLimit);
}
