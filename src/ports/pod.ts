import type { Roster } from "./roster.ts";
import type { Candidate, Draw } from "../rules/trail.ts";
import type { DecisionKey } from "../record/decision-key.ts";

/** A lead for which a rep of this pod is wanted. */
export interface ClaimWanted extends DecisionKey {
  /** Reps who must not get it, each with the reason in words. */
  readonly excluded: Readonly<Record<string, string>>;
  /** Reps whom D1 refused for it because they are full: for today, not for as long as it may wait. */
  readonly refused?: readonly string[];
}

/** A person who reached their own daily cap over everything, as D1 counted it. */
export interface FullRep {
  readonly repId: string;
  /** The rep's local date, YYYY-MM-DD. */
  readonly day: string;
}

export interface ClaimRequest {
  /** The pod's version in D1; a pod that holds an older roster must not draw. */
  readonly version: number;
  readonly wanted: readonly ClaimWanted[];
  readonly full: readonly FullRep[];
}

/** Claims as they would be asked one after the other, each of what the ones before it left. */
export interface PreviewRequest {
  readonly claims: readonly ClaimRequest[];
  /** When they are asked, in milliseconds since the epoch; null = now, by the pod's clock. */
  readonly at: number | null;
  /** The pod's roster in D1, in case the pod holds an older one; null = it never had a member. */
  readonly roster: Roster | null;
}

/** A lead that a member got past the rotation. */
export interface Debit extends DecisionKey {
  readonly repId: string;
}

export type ClaimResult = DecisionKey &
  Draw &
  (
    | {
        readonly outcome: "claimed";
        readonly repId: string;
        /** Number of the claim in this pod: the decision stores it. */
        readonly seq: number;
        /** The rep's local date at the claim, frozen: YYYY-MM-DD. */
        readonly day: string;
        /** Milliseconds since the epoch, by the pod's clock. */
        readonly claimedAt: number;
      }
    /** Nobody is eligible, and the lead is to go on: the pod does not wait, or has waited long enough. */
    | { readonly outcome: "nobody" }
    /** Nobody is eligible, and the lead waits in the pod. */
    | {
        readonly outcome: "waiting";
        /** 1 = the one that waits longest. */
        readonly place: number;
        /** When the pod gives up and passes the lead on: milliseconds since the epoch. */
        readonly until: number;
      }
  );

export type ClaimAnswer =
  | { readonly outcome: "drawn"; readonly results: readonly ClaimResult[] }
  /** The pod holds an older roster than the caller was shown: hand it over with `accept` and ask again. */
  | { readonly outcome: "behind"; readonly version: number };

/** A pod that goes by the decisions of an epoch. */
export interface CaughtUp {
  /** The one asked for, or a later one. */
  readonly epoch: number;
  /** Decisions that rest on a claim of the pod, and claims it still holds. */
  readonly standing: number;
  /** Version of the roster it holds. */
  readonly version: number;
}

/**
 * What the rest of the router may ask of a pod. The Durable Object answers it over RPC; the simulation
 * answers it in process. Any call may reject, and then nothing is known about whether it took effect.
 *
 * `epoch` is the one of the D1 that the caller has read (src/record/marks.ts). A pod that is shown a later one than its own
 * counts again from D1 before it serves, and one that is shown an older one rejects. `giveBack` and `debit` carry none:
 * numbers of claims are never given twice, so that giving back one of an older epoch finds nothing held; and a debit is
 * entered once per decision in any epoch, and moves balances only, which a restore does not turn back either.
 */
export interface PodPort {
  /** Draws a rep for each lead. An unreturned claim of the same (lead, generation) is repeated as it was. */
  claim(request: ClaimRequest, epoch: number): Promise<ClaimAnswer>;
  /** Counts again from D1 if the pod is of an older epoch. */
  catchUp(epoch: number): Promise<CaughtUp>;
  /** Hands over a roster; an older one than the pod holds is ignored. Answers the version now held. */
  accept(roster: Roster, epoch: number): Promise<number>;
  /** Gives claims back. Only on positive evidence: a decision that names another claim, or a lead that is gone. */
  giveBack(seqs: readonly number[]): Promise<void>;
  /** Frees the open slots of these claims, once each: the lead is closed, or a later generation is decided. */
  release(seqs: readonly number[], epoch: number): Promise<void>;
  /** Debits members for leads they got past the rotation, once per decision. */
  debit(debits: readonly Debit[]): Promise<void>;
  /** What `claim` would answer to each of these claims. Moves nothing, and writes nothing but what an epoch needs. */
  preview(request: PreviewRequest, epoch: number): Promise<readonly ClaimAnswer[]>;
  /** The live ledger. */
  snapshot(): Promise<PodSnapshot>;
}

/** A pod as it is now: what `GET /api/pods/:pod` shows. */
export interface PodSnapshot {
  /** Version of the roster the pod holds. */
  readonly version: number;
  /** The pod's clock: milliseconds since the epoch. */
  readonly at: number;
  /** Who would get the next lead; null when nobody is eligible. */
  readonly next: string | null;
  readonly members: readonly (Candidate & {
    /** Open leads: claimed here and neither closed nor re-routed since. */
    readonly open: number;
    readonly openCap: number | null;
    /** Leads claimed here since the rep joined the ledger. */
    readonly received: number;
  })[];
  /** Leads that wait, the longest waiting first. */
  readonly waiting: readonly {
    readonly leadId: string;
    readonly generation: number;
    /** 1 = the one that waits longest. */
    readonly place: number;
    /** Milliseconds since the epoch. */
    readonly since: number;
    /** When the pod gives up and passes the lead on: milliseconds since the epoch. */
    readonly until: number;
    /** Why nobody takes it now, in words. */
    readonly reason: string;
  }[];
  /** Claims drawn and not given back. */
  readonly standing: number;
  /** Those of them that no decision has settled yet. */
  readonly held: number;
}
