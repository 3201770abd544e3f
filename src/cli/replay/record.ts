import type { Span, WorkingHours } from "../../ports/roster.ts";
import type { DecisionKey } from "../../record/decision-key.ts";
import type { Lead } from "../../rules/lead.ts";
import type { Candidate, TrailStep } from "../../rules/trail.ts";

// What a replay is made from: what the router stored of a stretch of time. No personal data beyond what a rule looks at.
// Instants are milliseconds since the epoch.

/** A step of a recorded trail. When an exclusion ends (`until`) is not needed: hours and absences say it again. */
export type RecordedStep = Omit<TrailStep, "candidates"> & {
  readonly candidates?: readonly Seat[];
};

/** A candidate of a recorded trail. */
export type Seat = Omit<Candidate, "until">;

/** Who gets a lead, by which rule and out of which pod; all null = nobody. */
export interface Outcome {
  readonly rule: string | null;
  readonly podId: string | null;
  readonly ownerId: string | null;
  readonly trail: readonly RecordedStep[];
}

/** A decision as it was committed. */
export interface RecordedDecision extends DecisionKey, Outcome {
  readonly outcome: "assigned" | "unassigned";
  /** Number of the pod's claim that the decision rests on. */
  readonly claimSeq: number | null;
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
  /** lead | rep | member | absence | account; others are ignored. */
  readonly subjectType: string;
  /** The lead's id, "bo", "dach/bo", "bo/summer", "acme.com". */
  readonly subjectId: string;
  readonly generation: number | null;
  readonly kind: string;
  readonly occurredAt: number;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** What routing knows of a rep. */
export interface RepFacts {
  /** IANA. */
  readonly timeZone: string;
  readonly workingHours: WorkingHours | null;
  /** Leads per local day over everything; null = no cap. */
  readonly dailyCap: number | null;
  readonly active: boolean;
}

export interface MemberFacts {
  readonly weight: number;
  readonly dailyCap: number | null;
  readonly openCap: number | null;
  readonly joinedAt: number;
}

/** Everything that is data and not code, at one instant. */
export interface Configuration {
  readonly reps: Map<string, RepFacts>;
  /** By pod, then by rep. */
  readonly members: Map<string, Map<string, MemberFacts>>;
  /** By rep, then by the absence's own id. */
  readonly absences: Map<string, Map<string, Span>>;
  /** Ids of the accounts' owners, by domain. */
  readonly accounts: Map<string, string>;
}

/** Where in the record a decision is: enough to put decisions in order without holding their trails. */
export interface DecisionPlace extends DecisionKey {
  readonly type: "decision";
  readonly at: number;
  readonly claimSeq: number | null;
  /** For `ReplayRecord.decision`. */
  readonly place: number;
}

export type Moment =
  | DecisionPlace
  | { readonly type: "event"; readonly at: number; readonly event: RecordedEvent };

export interface ReplayRecord {
  /** Decisions made from here on are replayed; earlier ones only warm the ledgers up. */
  readonly from: number;
  /** Where the record ends. */
  readonly until: number;
  /** How everything is at the end. */
  readonly configuration: Configuration;
  /** By domain, as they are called now: only a word in trails. */
  readonly accountNames: ReadonlyMap<string, string>;
  /** What happened, in order (see `compareMoments`). */
  readonly moments: readonly Moment[];
  /** The first decision whose trail shows the pod: where its ledger begins. */
  readonly firstDraws: ReadonlyMap<string, DecisionPlace>;
  decision(place: DecisionPlace): RecordedDecision;
  /** Null when the record does not hold the lead: it came before it begins. */
  lead(id: string): RecordedLead | null;
}

/**
 * The order in which things took effect: by the instant, and within one by the pods' own numbers; what changed the configuration
 * goes before the decisions of the same millisecond. A pod's clock never runs backwards, so its draws are in the order
 * of their numbers.
 */
export function compareMoments(a: Moment, b: Moment): number {
  if (a.at !== b.at || a.type === "event" || b.type === "event")
    return a.at - b.at || rankOf(a) - rankOf(b);
  return (a.claimSeq ?? 0) - (b.claimSeq ?? 0) || a.place - b.place;
}

function rankOf({ type }: Moment): number {
  return type === "event" ? 0 : 1;
}
