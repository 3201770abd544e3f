import type { Lead } from "../../rules/lead.ts";
import type { Announced } from "./announced.ts";
import type { EventType } from "../../rules/destination.ts";

/** A rep, as receivers see one. A rep who was never in the roster (a CRM's owner of an account) is an id alone. */
interface Owner {
  readonly id: string;
  readonly name: string | null;
  readonly email: string | null;
}

/** What is posted: src/ops/api/event-shapes.ts documents it. Instants are ISO 8601 UTC. */
export interface EventPayload {
  readonly type: EventType;
  /** When it was decided for good. */
  readonly timestamp: string;
  readonly data: {
    readonly lead: Omit<Lead, "receivedAt"> & { readonly receivedAt: string };
    readonly decision: {
      readonly generation: number;
      readonly outcome: "assigned" | "unassigned";
      readonly rule: string | null;
      readonly podId: string | null;
      readonly reason: string;
      readonly decidedAt: string;
      readonly decidedBy: string;
    };
    readonly owner: Owner | null;
    readonly previousOwner: Owner | null;
  };
}

/** The event that tells of a decision: the whole lead, so that a receiver can answer it without asking back. */
export function writePayload(one: Announced): EventPayload {
  const { type, generation, outcome, rule, podId, reason, decidedBy } = one;
  const { email, phone, name, company, companyDomain, countryCode, region, source, score } = one;
  const contact = { email, phone, name, company, companyDomain, countryCode, region };
  return {
    type,
    timestamp: iso(one.committedAt),
    data: {
      lead: {
        id: one.leadId,
        receivedAt: iso(one.receivedAt),
        ...contact,
        source,
        score,
        fields: JSON.parse(one.fields),
      },
      decision: {
        generation,
        outcome,
        rule,
        podId,
        reason,
        decidedAt: iso(one.decidedAt),
        decidedBy,
      },
      owner: ownerOf(one.ownerId, one.ownerName, one.ownerEmail),
      previousOwner: ownerOf(one.previousOwnerId, one.previousOwnerName, one.previousOwnerEmail),
    },
  };
}

function ownerOf(id: string | null, name: string | null, email: string | null): Owner | null {
  return id === null ? null : { id, name, email };
}

function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
