import { type Query, sql } from "../../lib/query.ts";
import { columns, only, type StoredRow } from "../../record/columns.ts";
import type { DecisionKey } from "../../record/decision-key.ts";
import { deliveryEnded } from "../../record/delivery-events.ts";
import { decisions, leads } from "../../record/schema.ts";
import { type EventType, eventTypeOf } from "../../rules/destination.ts";
import { type Announcement, announcements } from "../announcement.ts";
import type { DeliveryRow } from "./deliveries.ts";

const ofDecision = only(decisions, "rule", "decidedAt", "committedAt", "decidedBy");
const ofLead = only(leads, "region", "fields");

/** All that an event about one decision is made of, as D1 has it when it is sent, and whether it is to be sent. */
export interface Outgoing
  extends Announcement, StoredRow<typeof ofDecision>, StoredRow<typeof ofLead> {
  readonly type: EventType;
  readonly ownerEmail: string | null;
  /** Who had it by the decision right before. */
  readonly previousOwnerId: string | null;
  readonly previousOwnerName: string | null;
  readonly previousOwnerEmail: string | null;
  /** Its row on the list of deliveries; null = it has none. */
  readonly state: DeliveryRow["state"] | null;
  readonly since: number | null;
  readonly tries: number | null;
}

/** One row for each of these decisions that exists, oldest lead first. */
export function outgoingTo(destination: string, keys: readonly DecisionKey[]): Query<Outgoing> {
  return announcements<Outgoing>(
    keys,
    deliveryEnded(sql`${destination}`),
    sql`, ${columns(ofDecision, "d")}, ${columns(ofLead, "l")}, ${eventTypeOf} AS type, o.email AS ownerEmail,
      b.owner_id AS previousOwnerId, p.name AS previousOwnerName, p.email AS previousOwnerEmail, w.state, w.since, w.tries`,
    sql`
    LEFT JOIN decisions b ON b.lead_id = d.lead_id AND b.generation = d.generation - 1
    LEFT JOIN reps p ON p.id = b.owner_id
    LEFT JOIN deliveries w ON w.destination = ${destination} AND w.lead_id = d.lead_id AND w.generation = d.generation
    ORDER BY d.lead_id, d.generation`,
  );
}

/** Whether it has still to be sent: it is on the list, or it is new. */
export function isOpen({ state, ended }: Outgoing): boolean {
  return state === null ? ended === 0 : state === "waiting";
}

/**
 * The event that is posted: the whole lead, so that a receiver can answer it without asking back. Instants are ISO 8601 UTC.
 * src/ops/api/event-shapes.ts documents it.
 */
export function writePayload(one: Outgoing) {
  const { leadId, email, phone, name, company, companyDomain, countryCode, region } = one;
  const { type, generation, outcome, rule, podId, reason, decidedBy, source, score } = one;
  const contact = { email, phone, name, company, companyDomain, countryCode, region };
  const decidedAt = iso(one.decidedAt);
  return {
    type,
    /** When it was decided for good. */
    timestamp: iso(one.committedAt),
    data: {
      lead: {
        id: leadId,
        receivedAt: iso(one.receivedAt),
        ...contact,
        source,
        score,
        fields: JSON.parse(one.fields) as unknown,
      },
      decision: { generation, outcome, rule, podId, reason, decidedAt, decidedBy },
      owner: ownerOf(one.ownerId, one.ownerName, one.ownerEmail),
      previousOwner: ownerOf(one.previousOwnerId, one.previousOwnerName, one.previousOwnerEmail),
    },
  };
}

/** A rep, as receivers see one. A rep who was never in the roster (a CRM's owner of an account) is an id alone. */
function ownerOf(id: string | null, name: string | null, email: string | null) {
  return id === null ? null : { id, name, email };
}

function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
