import type { Roster } from "../ports/roster.ts";
import type { DecisionKey } from "../record/decision-key.ts";
import type { Draw } from "../rules/trail.ts";
import type { ClaimResult, ClaimWanted } from "../ports/pod.ts";
import { countDay, countOpen, handOut, type LedgerLine, type PodState } from "./state.ts";

/** A claim as the pod keeps it: held → settled | returned. */
export interface Claim extends DecisionKey {
  readonly seq: number;
  readonly repId: string;
  readonly day: string;
  readonly claimedAt: number;
  readonly state: "held" | "settled" | "returned";
  /** Counts toward the rep's open leads; freed at most once. */
  readonly open: boolean;
  /** What each eligible member gained for this lead, in units: undone if the claim is given back. */
  readonly credits: Readonly<Record<string, number>>;
  /** The draw as the caller got it, to be repeated as it was. Dropped once no longer held. */
  readonly draw: Draw | null;
}

/** What D1 says of a held claim. Only the first three move it. */
export type Evidence = "names_this_claim" | "names_another" | "lead_gone" | "undecided";

/** Applies evidence to a claim. Changes `state`; returns the claim as it is now. A claim no longer held stays as it is. */
export function settle(claim: Claim, evidence: Evidence, state: PodState, roster: Roster): Claim {
  if (claim.state !== "held") return claim;
  switch (evidence) {
    case "names_this_claim":
      return { ...claim, state: "settled", credits: {}, draw: null };
    case "names_another":
    case "lead_gone":
      return giveBack(claim, state, roster);
    case "undecided":
      return claim;
  }
}

/** Undoes a claim: count, open slot and the ledger's entries, to the unit. */
function giveBack(claim: Claim, state: PodState, roster: Roster): Claim {
  state.standing -= 1;
  countDay(state, claim.repId, claim.day, -1);
  if (claim.open) countOpen(state, claim.repId, -1);

  // Every member pays back what they gained. One who has left cannot, not even when they are back: their balance was spread
  // over the rest when they left, so the rest pays it, or the sum would not be zero.
  let unpaid = 0;
  let price = 0;
  for (const [repId, credit] of Object.entries(claim.credits)) {
    price += credit;
    const line = lineOf(state, repId, claim);
    if (line) line.balance -= credit;
    else unpaid -= credit;
  }
  const line = lineOf(state, claim.repId, claim);
  if (line) {
    line.balance += price;
    line.received -= 1;
  } else {
    unpaid += price;
  }
  handOut(state, unpaid, roster);
  return { ...claim, state: "returned", open: false, credits: {}, draw: null };
}

/** The line that a claim moved; undefined when that member has left since. */
function lineOf(state: PodState, repId: string, claim: Claim): LedgerLine | undefined {
  const line = state.ledger[repId];
  return line && claim.seq > line.joinedAfter ? line : undefined;
}

/** Frees the open slot of a claim, once. Changes `state`; returns the claim as it is now. */
export function release(claim: Claim, state: PodState): Claim {
  if (!claim.open) return claim;
  countOpen(state, claim.repId, -1);
  return { ...claim, open: false };
}

/** True when nothing can happen to the claim any more: its row need not be kept. */
export function isFinished(claim: Claim): boolean {
  return claim.state !== "held" && !claim.open;
}

/** The answer to a claim that is asked again. */
export function repeat(claim: Claim, drawn: Draw): ClaimResult {
  const { leadId, generation, repId, seq, day, claimedAt } = claim;
  return { outcome: "claimed", leadId, generation, repId, seq, day, claimedAt, ...drawn };
}

/** What finds and counts a held claim. The rest of it, its draw above all, is kilobytes: that stays in storage. */
export type HeldClaim = Pick<Claim, "leadId" | "generation" | "seq" | "repId" | "day">;

/**
 * The claims that are held, by number and by lead: an index of the stored rows, in memory. A claim comes in once, when it is
 * drawn or read back, so that they are in the order of their numbers.
 */
export class HeldClaims {
  readonly #claims = new Map<number, HeldClaim>();
  readonly #byLead = new Map<string, readonly HeldClaim[]>();

  get size(): number {
    return this.#claims.size;
  }

  has(seq: number): boolean {
    return this.#claims.has(seq);
  }

  /** An index of its own, to be changed apart from this one. */
  copy(): HeldClaims {
    const copy = new HeldClaims();
    for (const [seq, claim] of this.#claims) copy.#claims.set(seq, claim);
    for (const [leadId, claims] of this.#byLead) copy.#byLead.set(leadId, claims);
    return copy;
  }

  /** The lowest number held; `Infinity` when none is. */
  lowest(): number {
    for (const seq of this.#claims.keys()) return seq;
    return Infinity;
  }

  /** Those numbered above `seq`, at most so many. */
  after(seq: number, limit: number): HeldClaim[] {
    const later: HeldClaim[] = [];
    for (const claim of this.#claims.values()) {
      if (claim.seq > seq) later.push(claim);
      if (later.length === limit) break;
    }
    return later;
  }

  /**
   * A claim held for this decision whose rep may still get the lead. One whose rep D1 has found full for its day would
   * only be refused again: among many full reps a lead would then never come to the one who is free.
   * @param full reps who are full, by id with the day
   */
  claimFor(wanted: ClaimWanted, full: PodState["full"]): HeldClaim | undefined {
    return this.#byLead
      .get(wanted.leadId)
      ?.find(
        ({ generation, repId, day }) =>
          generation === wanted.generation && !isRuledOut(wanted, repId) && full[repId] !== day,
      );
  }

  /** Takes in claims as they are now: those no longer held are forgotten. */
  note(claims: readonly Claim[]): void {
    for (const claim of claims) {
      if ((claim.state === "held") === this.#claims.has(claim.seq)) continue;
      const others = (this.#byLead.get(claim.leadId) ?? []).filter(({ seq }) => seq !== claim.seq);
      if (claim.state === "held") {
        const { leadId, generation, seq, repId, day } = claim;
        const held = { leadId, generation, seq, repId, day };
        this.#claims.set(seq, held);
        this.#byLead.set(leadId, [...others, held]);
      } else {
        this.#claims.delete(claim.seq);
        if (others.length > 0) this.#byLead.set(claim.leadId, others);
        else this.#byLead.delete(claim.leadId);
      }
    }
  }
}

function isRuledOut({ excluded, refused = [] }: ClaimWanted, repId: string): boolean {
  return excluded[repId] !== undefined || refused.includes(repId);
}
