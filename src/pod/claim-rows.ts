import type { Claim } from "./claim.ts";
import type { ClaimRow, PodStorage } from "./storage.ts";

interface OpenRow {
  readonly firstSeq: number;
  readonly claims: Claim[];
}

/** The stored claims that one step looks at: each row is read once, however many of its claims are wanted. */
export class ClaimRows {
  readonly #storage: Pick<PodStorage, "rowOf">;
  /** By the number of each claim in it. */
  readonly #rows = new Map<number, OpenRow>();
  readonly #changed = new Set<OpenRow>();

  constructor(storage: Pick<PodStorage, "rowOf">) {
    this.#storage = storage;
  }

  /** The claim as it is now; undefined when it is no longer kept. */
  claim(seq: number): Claim | undefined {
    return this.#row(seq)?.claims.find((claim) => claim.seq === seq);
  }

  /** Takes a step with a claim, if it is still kept. */
  move(seq: number, step: (claim: Claim) => Claim): void {
    const row = this.#row(seq);
    const claim = this.claim(seq);
    if (!row || !claim) return;
    const moved = step(claim);
    if (moved === claim) return;
    row.claims[row.claims.indexOf(claim)] = moved;
    this.#changed.add(row);
  }

  /** The rows in which a claim was moved. */
  changed(): ClaimRow[] {
    return [...this.#changed];
  }

  #row(seq: number): OpenRow | undefined {
    if (!this.#rows.has(seq)) this.#read(seq);
    return this.#rows.get(seq);
  }

  #read(seq: number): void {
    const stored = this.#storage.rowOf(seq);
    if (!stored) return;
    const row = { firstSeq: stored.firstSeq, claims: [...stored.claims] };
    for (const claim of row.claims) this.#rows.set(claim.seq, row);
  }
}
