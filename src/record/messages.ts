import type { Lead } from "../rules/lead.ts";
import type { DecisionKey } from "./decision-key.ts";

/** A lead to route. `spilled` is the whole of it, and only when D1 did not take it at the door. */
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

/** Decisions somebody is to hear of. Ids only: what is said is read when it is sent. */
export interface NotifyMessage {
  readonly decisions: readonly DecisionKey[];
  /** An earlier visit to Slack had no time for them, and handed them to the other receivers. */
  readonly carriedOn?: true;
}

/** Decisions that one destination is to hear of. Ids only: what is said is read when it is sent. */
export interface DeliverMessage {
  readonly destination: string;
  readonly decisions: readonly DecisionKey[];
}
