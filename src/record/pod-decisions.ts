import type { DecisionKey } from "./decision-key.ts";
import { query, rows, sql } from "../lib/query.ts";

/** A decision that rests on a claim of a pod. */
export interface PodDecision extends DecisionKey {
  readonly claimSeq: number;
  readonly ownerId: string;
  /** The owner's local date at the claim, YYYY-MM-DD. */
  readonly day: string;
  /** Milliseconds since the epoch. */
  readonly decidedAt: number;
  /** 1 while its open slot counts: it is the lead's newest, and the lead is neither closed nor erased nor archived. */
  readonly open: 0 | 1;
}

export interface PodDecisionPage {
  readonly decisions: readonly PodDecision[];
  /** Where the next page begins; null = that was all. */
  readonly next: DecisionKey | null;
}

/**
 * Decisions looked at per page, whosever they are: no index leads from a pod to them, because nobody asks but a pod that counts
 * anew. A page of 5,000 holds D1 up for some tens of milliseconds, and in 1,000 of them, the queries D1 grants one
 * invocation, are 5 million decisions: more than its 10 GB hold.
 */
const DECISIONS_PER_PAGE = 5_000;

type Looked = { [Column in keyof PodDecision]: PodDecision[Column] | null } & DecisionKey & {
    readonly podId: string | null;
    readonly looked: number;
  };

/** The pod's decisions among the next ones in the order of their keys. */
export async function readPodDecisions(
  db: D1Database,
  podId: string,
  after: DecisionKey | null,
  limit = DECISIONS_PER_PAGE,
): Promise<PodDecisionPage> {
  const found = await rows(
    db,
    query<Looked>(sql`
      WITH page AS MATERIALIZED (
        SELECT lead_id, generation, pod_id, owner_id, day, claim_seq, decided_at FROM decisions
        WHERE (lead_id, generation) > (${after?.leadId ?? ""}, ${after?.generation ?? 0})
        ORDER BY lead_id, generation LIMIT ${limit}
      )
      SELECT p.lead_id AS leadId, p.generation, p.pod_id AS podId, p.owner_id AS ownerId, p.day, p.claim_seq AS claimSeq,
        p.decided_at AS decidedAt, (SELECT count(*) FROM page) AS looked,
        NOT EXISTS (SELECT 1 FROM decisions n WHERE n.lead_id = p.lead_id AND n.generation > p.generation)
          AND NOT EXISTS (
            SELECT 1 FROM events e WHERE e.subject_type = 'lead' AND e.subject_id = p.lead_id
              AND (e.kind = 'erased' OR (e.kind = 'closed' AND e.generation = p.generation))
          )
          -- Archived: its slot was freed then, and nobody can close it any more.
          AND EXISTS (SELECT 1 FROM leads l WHERE l.id = p.lead_id) AS open
      FROM page p
      WHERE p.pod_id = ${podId}
        OR (p.lead_id, p.generation) = (SELECT lead_id, generation FROM page ORDER BY lead_id DESC, generation DESC LIMIT 1)
      ORDER BY p.lead_id, p.generation`),
  );
  const last = found.at(-1);
  return {
    decisions: found.filter((row): row is Looked & PodDecision => row.podId === podId),
    next:
      last === undefined || last.looked < limit
        ? null
        : { leadId: last.leadId, generation: last.generation },
  };
}
