import { deliveryEnded } from "../../record/delivery-events.ts";
import { type DecisionKey, keyList } from "../../record/decision-key.ts";
import type { LeadRow } from "../../record/leads.ts";
import { query, sql, type Query } from "../../lib/query.ts";
import type { DeliveryRow } from "./deliveries.ts";
import { type EventType, eventTypeOf } from "../../rules/destination.ts";

/** All that an event about one decision is made of, as D1 stands when it is sent, and whether it is to be sent. */
export interface Announced extends DecisionKey, Omit<LeadRow, "id"> {
  readonly type: EventType;
  readonly outcome: "assigned" | "unassigned";
  readonly ownerId: string | null;
  readonly ownerName: string | null;
  readonly ownerEmail: string | null;
  /** Who had it by the decision right before. */
  readonly previousOwnerId: string | null;
  readonly previousOwnerName: string | null;
  readonly previousOwnerEmail: string | null;
  readonly rule: string | null;
  readonly podId: string | null;
  readonly reason: string;
  readonly decidedAt: number;
  readonly committedAt: number;
  readonly decidedBy: string;
  /** The newest generation decided: above `generation`, this decision is history. */
  readonly newestGeneration: number;
  /** 1 when this delivery has ended, one way or the other. */
  readonly ended: 0 | 1;
  /** Its row on the list of what needs another go; null = it has none. */
  readonly state: DeliveryRow["state"] | null;
  readonly since: number | null;
  readonly tries: number | null;
}

/** One row for each of these decisions that stands, oldest lead first. */
export function announcedTo(destination: string, keys: readonly DecisionKey[]): Query<Announced> {
  return query(sql`
    SELECT d.lead_id AS leadId, d.generation, ${eventTypeOf} AS type, d.outcome, d.rule, d.pod_id AS podId, d.reason,
      d.decided_at AS decidedAt, d.committed_at AS committedAt, d.decided_by AS decidedBy,
      d.owner_id AS ownerId, o.name AS ownerName, o.email AS ownerEmail,
      b.owner_id AS previousOwnerId, p.name AS previousOwnerName, p.email AS previousOwnerEmail,
      l.received_at AS receivedAt, l.email, l.phone, l.name, l.company, l.company_domain AS companyDomain,
      l.country_code AS countryCode, l.region, l.source, l.score, l.fields, l.erased_at AS erasedAt,
      (SELECT max(n.generation) FROM decisions n WHERE n.lead_id = d.lead_id) AS newestGeneration,
      ${deliveryEnded(sql`${destination}`)} AS ended, w.state, w.since, w.tries
    FROM json_each(${keyList(keys)}) k
    CROSS JOIN decisions d ON d.lead_id = k.value ->> 0 AND d.generation = k.value ->> 1
    CROSS JOIN leads l ON l.id = d.lead_id
    LEFT JOIN reps o ON o.id = d.owner_id
    LEFT JOIN decisions b ON b.lead_id = d.lead_id AND b.generation = d.generation - 1
    LEFT JOIN reps p ON p.id = b.owner_id
    LEFT JOIN deliveries w ON w.destination = ${destination} AND w.lead_id = d.lead_id AND w.generation = d.generation
    ORDER BY d.lead_id, d.generation`);
}

/** Whether somebody still waits for it: it is on the list, or it is new. */
export function isOpen({ state, ended }: Announced): boolean {
  return state === null ? ended === 0 : state === "waiting";
}

/** Why a decision that stands is not told; null when it is. */
export function findObjection({
  erasedAt,
  newestGeneration,
  generation,
}: Announced): string | null {
  if (erasedAt !== null) return "the lead was erased";
  // Told late, it would undo at the receiver what a newer one has said already.
  if (newestGeneration > generation) return `superseded by generation ${newestGeneration}`;
  return null;
}
