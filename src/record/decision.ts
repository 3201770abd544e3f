import type { TrailStep } from "../rules/trail.ts";
import type { DecisionKey } from "./decision-key.ts";

/** Who gets a lead, or that nobody does, and why. Append-only. */
export interface Decision extends DecisionKey {
  readonly outcome: "assigned" | "unassigned";
  readonly ownerId: string | null;
  /** The owner's local date at the claim, frozen: YYYY-MM-DD. Their own cap counts by it. */
  readonly day: string | null;
  readonly podId: string | null;
  /** Number of the pod's claim this decision rests on. */
  readonly claimSeq: number | null;
  readonly rule: string | null;
  /** One sentence a sales rep understands. */
  readonly reason: string;
  readonly trail: readonly TrailStep[];
  readonly chainVersion: string;
  /** The instant of the claim, milliseconds since the epoch. */
  readonly decidedAt: number;
  /** Deliveries it took. */
  readonly attempts: number;
  /** "router", or the name of the token that asked for it. */
  readonly decidedBy: string;
}

/** A decision that the router would like to commit. */
export interface Proposal extends Decision {
  /** `reps.rev` of an account's owner as the facts saw it; null where no such guard applies. */
  readonly ownerRev: number | null;
}

/** The name decisions and events carry when nobody asked for them. */
export const ROUTER = "router";
