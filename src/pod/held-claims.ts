import type { Claim } from "./claim.ts";
import type { ClaimWanted } from "../ports/pod.ts";
import type { PodState } from "./state.ts";

/** What finds and counts a held claim. The rest of it, its draw above all, is kilobytes: that stays in storage. */
export type HeldClaim = Pick<Claim, "leadId" | "generation" | "seq" | "repId" | "day">;

/**
 * The claims that are held, by number and by lead: an index of the stored rows, in memory. A claim comes in once, when it is
 * drawn or read back, so that they stand in the order of their numbers.
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
  standing(wanted: ClaimWanted, full: PodState["full"]): HeldClaim | undefined {
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
