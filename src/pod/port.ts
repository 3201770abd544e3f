import type { Roster } from "../roster/roster.ts";
import type { Draw } from "../chain/trail.ts";
import type { DecisionKey } from "../decision-key.ts";
import type { PodSnapshot } from "./snapshot.ts";

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
  /** The pod's version as D1 stands; a pod that holds an older roster must not draw. */
  readonly version: number;
  readonly wanted: readonly ClaimWanted[];
  readonly full: readonly FullRep[];
}

/** Claims as they would be asked one after the other, each of what the ones before it left. */
export interface PreviewRequest {
  readonly claims: readonly ClaimRequest[];
  /** When they are asked, in milliseconds since the epoch; null = now, by the pod's clock. */
  readonly at: number | null;
  /** The pod's roster as D1 stands, should the pod hold an older one; null = it never had a member. */
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
    /** Nobody is eligible, and the pod keeps the lead in line. */
    | {
        readonly outcome: "waiting";
        /** 1 = the first in line. */
        readonly place: number;
        /** When the pod gives up and passes the lead on: milliseconds since the epoch. */
        readonly until: number;
      }
  );

export type ClaimAnswer =
  | { readonly outcome: "drawn"; readonly results: readonly ClaimResult[] }
  /** The pod holds an older roster than the caller was shown: hand it over with `accept` and ask again. */
  | { readonly outcome: "behind"; readonly version: number };

/**
 * What the rest of the router may ask of a pod. The Durable Object answers it over RPC; the simulation
 * answers it in process. Any call may reject, and then nothing is known about whether it took effect.
 */
export interface PodPort {
  /** Draws a rep for each lead. An unreturned claim of the same (lead, generation) is repeated as it was. */
  claim(request: ClaimRequest): Promise<ClaimAnswer>;
  /** Hands over a roster; an older one than the pod holds is ignored. Answers the version now held. */
  accept(roster: Roster): Promise<number>;
  /** Gives claims back. Only on positive evidence: a decision that names another claim, or a lead that is gone. */
  giveBack(seqs: readonly number[]): Promise<void>;
  /** Frees the open slots of these claims, once each: the lead is closed, or a later generation is decided. */
  release(seqs: readonly number[]): Promise<void>;
  /** Debits members for leads they got past the rotation, once per decision. */
  debit(debits: readonly Debit[]): Promise<void>;
  /** What `claim` would answer to each of these claims. Writes nothing and moves nothing. */
  preview(request: PreviewRequest): Promise<readonly ClaimAnswer[]>;
  /** The live ledger. */
  snapshot(): Promise<PodSnapshot>;
}
