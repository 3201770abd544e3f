import type { SQL } from "drizzle-orm";
import { query, type Query, sql } from "../lib/query.ts";
import { columnsOfEvents, nextCommitNo } from "./events.ts";
import { columnsOfDecisions, type Decision } from "./decisions.ts";
import { packTrail } from "./stored-trail.ts";

/** The present state of a lead: it decides whether somebody may re-route, assign or close it. */
export interface Situation {
  readonly leadId: string;
  readonly erased: 0 | 1;
  /** The newest generation decided; 0 = none yet. */
  readonly newest: number;
  /** Outcome and owner of the newest decision. */
  readonly outcome: "assigned" | "unassigned" | null;
  readonly ownerId: string | null;
  /**
   * The generation that somebody asked for and that is not decided yet. A `route` row of generation 1 is not
   * among them: nobody asked for that one, the sweep keeps an undecided lead in view with it.
   */
  readonly intent: number | null;
  /** 1 when the newest generation was closed. A later generation opens the lead again. */
  readonly closed: 0 | 1;
}

/**
 * The situation of one lead: one row, or none when it is not stored. The acts in lead-acts.ts guard their
 * inserts with this same query, and what refused an act is read back with it in the same transaction.
 */
export function situationOf(leadId: string | SQL): Query<Situation> {
  return query<Situation>(sql`
    SELECT l.id AS leadId, l.erased_at IS NOT NULL AS erased, coalesce(d.generation, 0) AS newest, d.outcome,
      d.owner_id AS ownerId,
      ${intentOf(sql`l.id`)} AS intent, ${isClosed(sql`l.id`, sql`d.generation`)} AS closed
    FROM leads l
    LEFT JOIN decisions d ON d.lead_id = l.id
      AND d.generation = (SELECT max(n.generation) FROM decisions n WHERE n.lead_id = l.id)
    WHERE l.id = ${leadId}`);
}

/** The generation that somebody asked for and that is not decided yet, of a lead's id; null = none. */
export function intentOf(leadId: SQL): SQL {
  return sql`(SELECT max(p.generation) FROM pending p WHERE p.lead_id = ${leadId} AND p.kind = 'route' AND p.generation > 1)`;
}

/** Whether this generation of a lead was closed: 1 or 0. */
export function isClosed(leadId: SQL, generation: SQL): SQL {
  return sql`EXISTS (
    SELECT 1 FROM events e WHERE e.subject_type = 'lead' AND e.subject_id = ${leadId}
      AND e.kind = 'closed' AND e.generation = ${generation})`;
}

// What people do to a lead: each row is inserted only if its guards hold inside the transaction, so the row
// itself tells whether the act took effect. Each goes into one transaction with `appendCommit`.

/** What tells whether a request is the repetition of another. */
export interface Repeatable {
  /** Its event's own id: finding it afterwards proves that this very act was done, be it by an earlier try. */
  readonly eventId: string;
  /** A digest of what was asked, where the id is made from a key of the caller's; left out = the id is fresh. */
  readonly request?: string | undefined;
}

/** What somebody asked for, as its event will record it. */
export interface Act extends Repeatable {
  readonly leadId: string;
  readonly actor: string;
  readonly reason: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/**
 * Records an act as an event of its lead, if the lead's situation `s` meets a condition when the transaction writes it.
 * @param detail a JSON object; {@link withRequest} is added here
 */
export function insertAct(
  act: Act,
  kind: string,
  { generation, detail, where }: Readonly<Record<"generation" | "detail" | "where", SQL>>,
): Query {
  return query(sql`
    INSERT INTO events (${columnsOfEvents})
    SELECT 'lead', s.leadId, ${act.eventId}, ${generation}, ${kind}, ${act.actor}, ${act.at}, ${nextCommitNo},
      ${withRequest(detail, act)}
    FROM (${situationOf(act.leadId)}) s WHERE ${where}
    ON CONFLICT (subject_type, subject_id, id) DO NOTHING`);
}

/**
 * Records that generation n+1 is wanted, unless the lead is undecided, closed or erased, a re-route is under way,
 * or n is not the generation that the actor has seen (null = the current one, whichever it is).
 * @param bulk names the acts that were one request
 */
export function insertRerouteRequested(
  act: Act,
  seen: number | null,
  excludeOwner: boolean,
  bulk: string | null = null,
): Query {
  const detail = sql`json_object('reason', ${act.reason}, 'excludeOwner', json(${excludeOwner ? "true" : "false"}))`;
  return insertAct(act, "reroute_requested", {
    generation: sql`s.newest + 1`,
    detail: bulk === null ? detail : sql`json_insert(${detail}, '$.bulk', ${bulk})`,
    where: sql`s.newest > 0 AND NOT s.erased AND NOT s.closed AND s.intent IS NULL AND (${seen} IS NULL OR s.newest = ${seen})`,
  });
}

/**
 * Records that an undecided lead was sent for routing again. Needed where the same request may come again: without this
 * event its repetition would find the lead decided, and would count as a new request.
 */
export function insertRoutingRequested(act: Act, seen: number | null): Query {
  return insertAct(act, "routing_requested", {
    generation: sql`1`,
    detail: sql`json_object('reason', ${act.reason})`,
    where: sql`s.newest = 0 AND NOT s.erased AND (${seen} IS NULL OR ${seen} = 0)`,
  });
}

/** Records that the newest generation is closed, unless there is none, it is closed already, or a re-route is under way. */
export function insertClosed(act: Act): Query {
  return insertAct(act, "closed", {
    generation: sql`s.newest`,
    detail: sql`json_object('reason', ${act.reason})`,
    where: sql`s.newest > 0 AND NOT s.closed AND s.intent IS NULL`,
  });
}

/** A manual decision: no pod was asked and no rule matched. */
export interface ManualDecision extends Omit<Decision, "outcome" | "podId" | "claimSeq" | "rule"> {
  readonly ownerId: string;
  readonly day: string;
}

/**
 * Inserts a decision by hand if its generation is the next one, unless the lead is erased, a re-route is under way,
 * the rep is not active, or the lead is theirs already and open. The rep's own cap is no guard here.
 */
export function insertDecisionByHand(decision: ManualDecision, committedAt: number): Query {
  return query(sql`
    INSERT INTO decisions (${columnsOfDecisions})
    SELECT s.leadId, ${decision.generation}, 'assigned', r.id, ${decision.day}, NULL, NULL, NULL, ${decision.reason},
      ${packTrail(decision.trail)}, ${decision.chainVersion}, ${decision.decidedAt}, ${committedAt},
      ${nextCommitNo}, ${decision.attempts}, ${decision.decidedBy}
    FROM (${situationOf(decision.leadId)}) s
    CROSS JOIN reps r ON r.id = ${decision.ownerId} AND r.active = 1
    WHERE NOT s.erased AND s.intent IS NULL AND s.newest + 1 = ${decision.generation}
      AND NOT (s.ownerId IS r.id AND NOT s.closed)
    ON CONFLICT (lead_id, generation) DO NOTHING`);
}

/** Records a decision by hand that this transaction has just inserted, and whether it takes the rep over their own cap. */
export function insertAssignedByHand(act: Act, generation: number): Query {
  return query(sql`
    INSERT INTO events (${columnsOfEvents})
    SELECT 'lead', d.lead_id, ${act.eventId}, d.generation, 'assigned_by_hand', ${act.actor}, ${act.at}, ${nextCommitNo},
      ${withRequest(
        sql`json_object('ownerId', d.owner_id, 'reason', ${act.reason}, 'overCap', json(iif((
          SELECT count(*) FROM decisions c WHERE c.owner_id = d.owner_id AND c.day = d.day
        ) > r.daily_cap, 'true', 'false')))`,
        act,
      )}
    FROM decisions d
    CROSS JOIN reps r ON r.id = d.owner_id
    WHERE d.lead_id = ${act.leadId} AND d.generation = ${generation} AND d.commit_no = ${nextCommitNo}
    ON CONFLICT (subject_type, subject_id, id) DO NOTHING`);
}

/** The detail of an act's event, with the digest of the request where its repetition is to be known. */
function withRequest(detail: SQL, { request }: Repeatable): SQL {
  return request === undefined ? detail : sql`json_insert(${detail}, '$.request', ${request})`;
}

/** An act that was done, now or by an earlier try. */
export interface DoneAct {
  readonly generation: number;
  /** Milliseconds since the epoch. */
  readonly occurredAt: number;
  /** The digest of what was asked then; null where no key was sent. */
  readonly request: string | null;
}

/** The event of an act, if the act was done: one row or none. */
export function doneAct({ leadId, eventId }: Pick<Act, "leadId" | "eventId">): Query<DoneAct> {
  return query(sql`
    SELECT generation, occurred_at AS occurredAt, detail ->> 'request' AS request FROM events
    WHERE subject_type = 'lead' AND subject_id = ${leadId} AND id = ${eventId}`);
}

/** True when the key of this act was used for something else before. */
export function isOtherRequest({ request }: Repeatable, done: DoneAct): boolean {
  return request !== undefined && done.request !== request;
}

/** What a decision by hand needs to know of the rep: one row or none. */
export function repToAssign(repId: string): Query<{ timeZone: string; active: 0 | 1 }> {
  return query(sql`SELECT time_zone AS timeZone, active FROM reps WHERE id = ${repId}`);
}

/** Records the erasure, unless the lead is erased already or its situation has changed since `seen`. */
export function insertErased(act: Act, seen: Situation, generation: number): Query {
  return insertAct({ ...act, request: undefined }, "erased", {
    generation: sql`${generation}`,
    detail: sql`'{}'`,
    where: sql`NOT s.erased AND s.newest = ${seen.newest} AND s.intent IS ${seen.intent}`,
  });
}

/**
 * Decides the generation that an erasure of this transaction found undecided, as `unassigned`: were the lead left
 * undecided, a claim taken for it could never be settled.
 */
export function insertErasedDecision(act: Act, generation: number, chainVersion: string): Query {
  return query(sql`
    INSERT INTO decisions (${columnsOfDecisions})
    SELECT e.subject_id, ${generation}, 'unassigned', NULL, NULL, NULL, NULL, NULL,
      'The lead was erased before it was decided.', '[]', ${chainVersion}, ${act.at}, ${act.at}, ${nextCommitNo}, 0, ${act.actor}
    FROM events e
    WHERE e.subject_type = 'lead' AND e.subject_id = ${act.leadId} AND e.id = ${act.eventId} AND e.commit_no = ${nextCommitNo}
    ON CONFLICT (lead_id, generation) DO NOTHING`);
}
