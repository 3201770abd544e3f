import type { DecisionKey } from "../decision-key.ts";
import type { Roster } from "../roster/roster.ts";
import type { Claim } from "./claim.ts";
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
}

/**
 * Where a pod keeps its truth; what the pod has in memory is a cache of it. All calls are synchronous: a
 * step reads, decides and writes with no await between, so that no other request can come in.
 */
export interface PodStorage {
  readState(): PodState | null;
  readRoster(): Roster | null;
  /** Rows from this number on, in order. */
  rowsFrom(firstSeq: number): ClaimRow[];
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

/** A row holds at most 2 MB; claims are cut into rows well below it, in UTF-16 units of their JSON. */
const ROW_LIMIT = 500_000;

/** Puts claims drawn together into as few rows as their size allows. */
export function packRows(claims: readonly Claim[]): ClaimRow[] {
  const packed: { firstSeq: number; claims: Claim[] }[] = [];
  let size = Infinity;
  for (const claim of claims) {
    const length = JSON.stringify(claim).length;
    const last = packed.at(-1);
    if (last === undefined || size + length > ROW_LIMIT) {
      packed.push({ firstSeq: claim.seq, claims: [claim] });
      size = length;
    } else {
      last.claims.push(claim);
      size += length;
    }
  }
  return packed;
}
