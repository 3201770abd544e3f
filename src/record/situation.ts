import type { SQL } from "drizzle-orm";
import { query, sql, type Query } from "../lib/query.ts";

/** Where a lead stands now: what decides whether somebody may re-route, assign or close it. */
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
