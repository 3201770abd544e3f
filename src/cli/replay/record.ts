import type { Lead } from "../../rules/lead.ts";
import type { Candidate, TrailStep } from "../../rules/trail.ts";
import type { DecisionKey } from "../../record/decision-key.ts";
import type { Configuration } from "./configuration.ts";

// What a replay is made from: what the router stored of a stretch of time. No personal data beyond what a rule looks at.

/** A step of a recorded trail. When an obstacle ends (`until`) is not needed: hours and absences tell it again. */
export type RecordedStep = Omit<TrailStep, "candidates"> & {
  readonly candidates?: readonly Omit<Candidate, "until">[];
};

/** A decision as it was committed. Instants are milliseconds since the epoch. */
export interface RecordedDecision extends DecisionKey {
  readonly outcome: "assigned" | "unassigned";
  readonly rule: string | null;
  readonly podId: string | null;
  readonly ownerId: string | null;
  /** Number of the pod's claim that the decision rests on. */
  readonly claimSeq: number | null;
  readonly trail: readonly RecordedStep[];
  readonly chainVersion: string;
  /** The instant of the claim, by the pod's clock. */
  readonly decidedAt: number;
  readonly committedAt: number;
}

/** A lead as the rules may look at it. What the export left out is null, or missing from `fields`. */
export interface RecordedLead {
  readonly lead: Lead;
  /** The person was erased since: what free text and form fields said then is not known any more. */
  readonly erased: boolean;
}

/** Something that happened to a lead or to the configuration, other than a decision. */
export interface RecordedEvent {
  /** lead | rep | member | absence | account; others are passed over. */
  readonly subjectType: string;
  /** The lead's id, "bo", "dach/bo", "bo/summer", "acme.com". */
  readonly subjectId: string;
  readonly generation: number | null;
  readonly kind: string;
  /** Milliseconds since the epoch. */
  readonly occurredAt: number;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Where in the record a decision stands: enough to put decisions in order without holding their trails. */
export interface DecisionPlace extends DecisionKey {
  readonly type: "decision";
  readonly at: number;
  readonly claimSeq: number | null;
  /** For `ReplayRecord.decision`. */
  readonly place: number;
}

export interface EventMoment {
  readonly type: "event";
  readonly at: number;
  readonly event: RecordedEvent;
}

export type Moment = DecisionPlace | EventMoment;

export interface ReplayRecord {
  /** Decisions made from here on are replayed; earlier ones only warm the ledgers up. Milliseconds since the epoch. */
  readonly from: number;
  /** Where the record ends. */
  readonly until: number;
  /** How everything stands at the end. */
  readonly configuration: Configuration;
  /** By domain, as they are called now: only a word in trails. */
  readonly accountNames: ReadonlyMap<string, string>;
  /** What happened, in order (see `sortMoments`). */
  readonly moments: readonly Moment[];
  /** The first decision whose trail shows the pod: where its ledger begins. */
  readonly firstDraws: ReadonlyMap<string, DecisionPlace>;
  decision(place: DecisionPlace): RecordedDecision;
  /** Null when the record does not hold the lead: it came before it begins. */
  lead(id: string): RecordedLead | null;
}

/**
 * The order in which things took effect: by the instant, and within one by the pods' own numbers; what changed the configuration
 * goes before the decisions of the same millisecond. A pod's clock never runs backwards, so its draws stand in the order
 * of their numbers.
 */
export function compareMoments(a: Moment, b: Moment): number {
  return a.at - b.at || rankOf(a) - rankOf(b) || seqOf(a) - seqOf(b) || placeOf(a) - placeOf(b);
}

function rankOf(moment: Moment): number {
  return moment.type === "event" ? 0 : 1;
}

function seqOf(moment: Moment): number {
  return moment.type === "decision" ? (moment.claimSeq ?? 0) : 0;
}

function placeOf(moment: Moment): number {
  return moment.type === "decision" ? moment.place : 0;
}
