import { keyList, type DecisionKey } from "./decision-key.ts";
import type { TrailStep } from "../rules/trail.ts";
import { epochNow } from "./marks.ts";
import { chunkJson } from "../lib/chunks.ts";
import { query, type Query, sql } from "../lib/query.ts";
import { nextCommitNo, notificationEnded } from "./events.ts";
import { packTrail } from "./stored-trail.ts";

/** Who gets a lead, or that nobody does, and why. Append-only. */
export interface Decision extends DecisionKey {
  readonly outcome: "assigned" | "unassigned";
  readonly ownerId: string | null;
  /** The owner's local date at the claim, frozen: YYYY-MM-DD. Their own cap counts by it. */
  readonly day: string | null;
  readonly podId: string | null;
  /** Number of the pod's claim this decision rests on. */
  readonly claimSeq: number | null;
  readonly rule: string | null;
  /** One sentence a sales rep understands. */
  readonly reason: string;
  readonly trail: readonly TrailStep[];
  readonly chainVersion: string;
  /** The instant of the claim, milliseconds since the epoch. */
  readonly decidedAt: number;
  /** Deliveries it took. */
  readonly attempts: number;
  /** "router", or the name of the token that asked for it. */
  readonly decidedBy: string;
}

/** A decision that the router would like to commit. */
export interface Proposal extends Decision {
  /** `reps.rev` of an account's owner as the facts saw it; null where no such guard applies. */
  readonly ownerRev: number | null;
}

// What the router decides. What people decide is in lead-acts.ts and erasure.ts; nothing else writes decisions.

/** Half of what D1 takes as one parameter (2 MB): trails of a hundred leads over large pods can pass that. */
const MAX_PARAMETER_BYTES = 1_000_000;

/** The columns of `decisions` in the order in which every INSERT gives them. */
export const columnsOfDecisions = sql.raw(`
  lead_id, generation, outcome, owner_id, day, pod_id, claim_seq, rule, reason, trail,
  chain_version, decided_at, committed_at, commit_no, attempts, decided_by`);

/**
 * Inserts the proposals that may stand: the lead is stored and undecided in this generation, a later generation is
 * intended, an account's owner is as the facts saw them, and the owner is below their own cap of the day. Each is checked
 * inside the transaction that inserts it, so nothing can change in between. A proposal that may not stand is passed by.
 * @param epoch the one whose facts and claims the proposals rest on: in another none of them may stand. Null = they
 *   depend only on the lead being undecided
 */
export function insertDecisions(
  proposals: readonly Proposal[],
  committedAt: number,
  epoch: number | null,
): readonly Query[] {
  return chunkJson(proposals.map(toBody), MAX_PARAMETER_BYTES).map((chunk) =>
    insertChunk(chunk, committedAt, epoch),
  );
}

/** The trail as the text that is stored: otherwise SQLite would parse it for each of the proposal's columns, and serialise it again. */
function toBody({ trail, ...proposal }: Proposal) {
  return { ...proposal, trail: packTrail(trail) };
}

function insertChunk(proposals: string, committedAt: number, epoch: number | null): Query {
  return query(sql`
    WITH proposal AS MATERIALIZED (
      SELECT p.key AS place, p.value AS body,
        p.value ->> 'leadId' AS lead_id, p.value ->> 'generation' AS generation,
        p.value ->> 'ownerId' AS owner_id, p.value ->> 'day' AS day
      FROM json_each(${proposals}) p
    ),
    admissible AS MATERIALIZED (
      SELECT p.*, r.daily_cap,
        row_number() OVER (PARTITION BY p.owner_id, p.day ORDER BY p.place) AS nth_of_day
      FROM proposal p
      JOIN leads l ON l.id = p.lead_id
      LEFT JOIN reps r ON r.id = p.owner_id
      WHERE NOT EXISTS (SELECT 1 FROM decisions d WHERE d.lead_id = p.lead_id AND d.generation = p.generation)
        AND (p.generation = 1 OR EXISTS (
          SELECT 1 FROM pending i WHERE i.lead_id = p.lead_id AND i.generation = p.generation AND i.kind = 'route'))
        AND (p.body ->> 'ownerRev' IS NULL OR p.body ->> 'ownerRev' = r.rev)
        AND coalesce(${epoch}, ${epochNow}) = ${epochNow}
    )
    INSERT INTO decisions (${columnsOfDecisions})
    SELECT lead_id, generation, body ->> 'outcome', owner_id, day, body ->> 'podId', body ->> 'claimSeq',
      body ->> 'rule', body ->> 'reason', body ->> 'trail', body ->> 'chainVersion', body ->> 'decidedAt',
      ${committedAt}, ${nextCommitNo}, body ->> 'attempts', body ->> 'decidedBy'
    FROM admissible
    WHERE owner_id IS NULL OR daily_cap IS NULL OR nth_of_day + (
      SELECT count(*) FROM decisions d WHERE d.owner_id = admissible.owner_id AND d.day = admissible.day
    ) <= daily_cap
    ON CONFLICT (lead_id, generation) DO NOTHING`);
}

/** The decision that exists for a key, or what such a decision lacks. */
export interface Standing extends DecisionKey {
  readonly outcome: "assigned" | "unassigned" | null;
  readonly podId: string | null;
  readonly claimSeq: number | null;
  /** 1 when somebody was told of this decision, or it was settled that nobody is to be. */
  readonly notified: 0 | 1;
  readonly leadExists: 0 | 1;
  /** 1 when the lead may get a decision of this generation: the first, or one with an intent. */
  readonly intended: 0 | 1;
}

/** Reads back the decisions that exist for these keys: one row each. */
export function standingDecisions(keys: readonly DecisionKey[]): Query<Standing> {
  return query<Standing>(sql`
    SELECT k.value ->> 0 AS leadId, k.value ->> 1 AS generation, d.outcome, d.pod_id AS podId, d.claim_seq AS claimSeq,
      ${notificationEnded} AS notified,
      l.id IS NOT NULL AS leadExists,
      k.value ->> 1 = 1 OR EXISTS (
        SELECT 1 FROM pending i WHERE i.lead_id = k.value ->> 0 AND i.generation = k.value ->> 1 AND i.kind = 'route'
      ) AS intended
    FROM json_each(${keyList(keys)}) k
    LEFT JOIN leads l ON l.id = k.value ->> 0
    LEFT JOIN decisions d ON d.lead_id = k.value ->> 0 AND d.generation = k.value ->> 1`);
}

/**
 * The claims of those of these decisions whose open slots are to be freed. Read from D1 as it is now, because the caller may
 * have read the list before a restore.
 */
export function claimsToRelease(
  keys: readonly DecisionKey[],
): Query<DecisionKey & { readonly podId: string; readonly claimSeq: number }> {
  return query(sql`
    SELECT d.lead_id AS leadId, d.generation, d.pod_id AS podId, d.claim_seq AS claimSeq
    FROM json_each(${keyList(keys)}) k
    CROSS JOIN decisions d ON d.lead_id = k.value ->> 0 AND d.generation = k.value ->> 1
    WHERE d.claim_seq IS NOT NULL AND EXISTS (
      SELECT 1 FROM pending p WHERE p.lead_id = d.lead_id AND p.generation = d.generation AND p.kind = 'release')`);
}

/** Owners of these decisions in those of the pods they are a member of. */
export function ownersIn(
  keys: readonly DecisionKey[],
  podIds: readonly string[],
): Query<DecisionKey & { readonly repId: string; readonly podId: string }> {
  return query(sql`
    SELECT d.lead_id AS leadId, d.generation, d.owner_id AS repId, m.pod_id AS podId
    FROM json_each(${keyList(keys)}) k
    CROSS JOIN decisions d ON d.lead_id = k.value ->> 0 AND d.generation = k.value ->> 1
    CROSS JOIN json_each(${JSON.stringify(podIds)}) p
    CROSS JOIN members m ON m.pod_id = p.value AND m.rep_id = d.owner_id`);
}

/** A rep's local day as their own cap counts it: over all pods, account matches and hand assignments. */
export interface OwnDay {
  readonly count: number;
  /** Null = no cap of their own. */
  readonly cap: number | null;
}

/**
 * What a commit would count against the rep's own cap: one row, or none when there is no such rep. Reads as many rows as
 * the rep got leads that day.
 * @param day the rep's local date, YYYY-MM-DD
 */
export function ownDayOf(repId: string, day: string): Query<OwnDay> {
  return query(sql`
    SELECT r.daily_cap AS cap,
      (SELECT count(*) FROM decisions d WHERE d.owner_id = r.id AND d.day = ${day}) AS count
    FROM reps r WHERE r.id = ${repId}`);
}

/** Whether the commit would refuse the rep another lead of that day. */
export function isFull({ count, cap }: OwnDay): boolean {
  return cap !== null && count >= cap;
}
