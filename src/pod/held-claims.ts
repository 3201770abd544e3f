import type { Draw } from "../chain/trail.ts";
import { keyOf } from "../decision-key.ts";
import type { Claim } from "./claim.ts";
import type { ClaimWanted } from "./port.ts";
import type { PodState } from "./state.ts";

/** The claims that are held, by number and by the decision they are for: a cache of what the stored rows say. */
export class HeldClaims {
  readonly #claims = new Map<number, Claim>();
  readonly #numbers = new Map<string, Set<number>>();

  get size(): number {
    return this.#claims.size;
  }

  has(seq: number): boolean {
    return this.#claims.has(seq);
  }

  /** All of them, in the order they were drawn. */
  all(): Claim[] {
    return [...this.#claims.values()];
  }

  /** The lowest number held; `Infinity` when none is. */
  lowest(): number {
    return Math.min(...this.#claims.keys());
  }

  /** Those numbered above `seq`, at most so many. */
  after(seq: number, limit: number): Claim[] {
    const later: Claim[] = [];
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
  standing(wanted: ClaimWanted, full: PodState["full"]): (Claim & { readonly draw: Draw }) | null {
    for (const seq of this.#numbers.get(keyOf(wanted)) ?? []) {
      const claim = this.#claims.get(seq);
      if (!claim?.draw || isRuledOut(wanted, claim.repId)) continue;
      if (full[claim.repId] !== claim.day) return { ...claim, draw: claim.draw };
    }
    return null;
  }

  /** Takes in claims as they are now: those no longer held are forgotten. */
  note(claims: readonly Claim[]): void {
    for (const claim of claims) {
      const key = keyOf(claim);
      const seqs = this.#numbers.get(key) ?? new Set();
      if (claim.state === "held") {
        this.#claims.set(claim.seq, claim);
        this.#numbers.set(key, seqs.add(claim.seq));
      } else {
        this.#claims.delete(claim.seq);
        seqs.delete(claim.seq);
        if (seqs.size === 0) this.#numbers.delete(key);
      }
    }
  }
}

function isRuledOut({ excluded, refused = [] }: ClaimWanted, repId: string): boolean {
  return excluded[repId] !== undefined || refused.includes(repId);
}
