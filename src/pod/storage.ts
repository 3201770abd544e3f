import { chunk } from "../lib/chunks.ts";
import type { DecisionKey } from "../record/decision-key.ts";
import type { Roster } from "../ports/roster.ts";
import type { Claim } from "./claims.ts";
import type { PodState } from "./state.ts";

/** What one step of a pod changes. Written as a whole or not at all. */
export interface PodChange {
  readonly state?: PodState;
  readonly roster?: Roster;
  /** The claims set aside take the place of all others. */
  readonly replaced?: true;
  /** New or changed claims. Claims drawn together stay together: see `ClaimRow`. */
  readonly rows?: readonly ClaimRow[];
  /** Rows in which nothing can happen any more, by their first number. */
  readonly finished?: readonly number[];
  /** Decisions whose debit was entered: see `wasDebited`. */
  readonly debited?: readonly DecisionKey[];
  /** When the pod is to settle what it holds: milliseconds since the epoch. */
  readonly alarmAt?: number;
}

/** Claims of consecutive numbers, drawn in one call and kept as one row: not a row a claim. */
export interface ClaimRow {
  readonly firstSeq: number;
  readonly claims: readonly Claim[];
  /** The claims as JSON, where they were made into it already: it is half the work of a draw. */
  readonly text?: string;
}

/**
 * Where a pod keeps its truth; what the pod has in memory is a cache of it. All calls are synchronous: a
 * step reads, decides and writes with no await between, so that no other request can come in.
 */
export interface PodStorage {
  readState(): PodState | null;
  readRoster(): Roster | null;
  /** Rows from this number on, in order. Read while they are gone through: all of them may be more than fits into memory. */
  rowsFrom(firstSeq: number): Iterable<ClaimRow>;
  /** The row that holds this number, if it is still kept. */
  rowOf(seq: number): ClaimRow | null;
  /** True when the debit of this decision was entered, however long ago. */
  wasDebited(key: DecisionKey): boolean;
  write(change: PodChange): void;
  /** Begins to set claims aside: those of an earlier beginning are forgotten. */
  beginAside(): void;
  /** Sets claims aside, each in a row of its own because they come in no order, until `PodChange.replaced`. */
  setAside(claims: readonly Claim[]): void;
}

/**
 * A row holds at most 2 MB. Claims are cut into rows below it, in UTF-16 units of their JSON, of which each takes at most three
 * bytes.
 */
const ROW_LIMIT = 500_000;

/** Puts claims drawn together into few rows, each within what a row holds. */
export function packRows(claims: readonly Claim[]): ClaimRow[] {
  const [first] = claims;
  if (first === undefined) return [];
  const text = JSON.stringify(claims);
  if (text.length <= ROW_LIMIT || claims.length === 1)
    return [{ firstSeq: first.seq, claims, text }];
  const parts = Math.min(claims.length, Math.ceil(text.length / ROW_LIMIT));
  return chunk(claims, Math.ceil(claims.length / parts)).flatMap(packRows);
}

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

  /** Moves a claim, if it is still kept. */
  move(seq: number, next: (claim: Claim) => Claim): void {
    const row = this.#row(seq);
    const claim = this.claim(seq);
    if (!row || !claim) return;
    const moved = next(claim);
    if (moved === claim) return;
    row.claims[row.claims.indexOf(claim)] = moved;
    this.#changed.add(row);
  }

  /** The rows in which a claim was moved. */
  changed(): ClaimRow[] {
    return [...this.#changed];
  }

  #row(seq: number): OpenRow | undefined {
    const stored = this.#rows.has(seq) ? null : this.#storage.rowOf(seq);
    if (stored) {
      const row = { firstSeq: stored.firstSeq, claims: [...stored.claims] };
      for (const claim of row.claims) this.#rows.set(claim.seq, row);
    }
    return this.#rows.get(seq);
  }
}

/**
 * A pod's storage that can be read but keeps what is written to itself: a pod on it draws from the real state and moves
 * nothing. Only claims can be read back: they are repeated when they are asked again. Its clock is set to 0, so that the pod
 * can be asked about any instant.
 * @param roster as D1 has it; preferred where it has the version that the pod holds, because the pod's own copy lacks the
 *   absences that had ended when it was handed over
 */
export function readOnly(storage: PodStorage, roster: Roster | null): PodStorage {
  const drawn: ClaimRow[] = [];
  return {
    readState() {
      const state = storage.readState();
      return state && { ...state, clock: 0 };
    },
    readRoster() {
      const held = storage.readRoster();
      return roster?.version === held?.version ? roster : held;
    },
    rowsFrom: (firstSeq) => storage.rowsFrom(firstSeq),
    rowOf: (seq) =>
      drawn.find(({ claims }) => claims.some((claim) => claim.seq === seq)) ?? storage.rowOf(seq),
    wasDebited: (key) => storage.wasDebited(key),
    write({ rows = [] }) {
      drawn.push(...rows);
    },
    beginAside() {},
    setAside() {},
  };
}
