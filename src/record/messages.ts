import type { Lead } from "../rules/lead.ts";
import { type DecisionKey, keyOf } from "./decision-key.ts";

/** A lead to route. `spilled` is the whole lead, present only when D1 did not accept it at intake. */
export interface RouteMessage extends DecisionKey {
  readonly spilled?: SpilledLead;
}

export interface SpilledLead {
  readonly lead: Lead;
  readonly idempotencyKey: string | null;
  /** Whether it gives way to the same submission of the same moment, as acceptLead has it. */
  readonly mergeRepeats?: true;
  /** Why it is no lead yet but belongs into the quarantine; left out = it is a lead. */
  readonly suspicion?: Suspicion;
}

/** Why something is kept away from the reps. Words of our own and names of forms: never what somebody typed. */
export interface Suspicion {
  /** Where it came in: "form:contact". */
  readonly door: string;
  /** "honeypot:_gotcha" */
  readonly reason: string;
}

/** Decisions to announce. Ids only: the content is read when the message is sent. */
export interface NotifyMessage {
  readonly decisions: readonly DecisionKey[];
  /** An earlier visit to Slack had no time for them, and handed them to the other receivers. */
  readonly carriedOn?: true;
}

/** Decisions to deliver to one destination. Ids only: the content is read when it is sent. */
export interface DeliverMessage {
  readonly destination: string;
  readonly decisions: readonly DecisionKey[];
}

/** One decision that is wanted, whatever number of messages asked for it. */
export interface RouteRequest extends DecisionKey {
  readonly spilled?: SpilledLead;
  /** Deliveries so far, this one included. */
  readonly attempts: number;
}

/** Messages to requests: one per (lead, generation); the most tried delivery counts, a spilled lead is kept. */
export function distinctRequests(
  deliveries: readonly { readonly body: RouteMessage; readonly attempts: number }[],
): RouteRequest[] {
  const requests = new Map<string, RouteRequest>();
  for (const { body, attempts } of deliveries) {
    const known = requests.get(keyOf(body));
    requests.set(keyOf(body), {
      ...known,
      ...body,
      attempts: Math.max(attempts, known?.attempts ?? 0),
    });
  }
  return [...requests.values()];
}
