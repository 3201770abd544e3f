import { chunk } from "../lib/chunks.ts";
import type { DecisionKey } from "../record/decision-key.ts";
import type { Roster } from "../ports/roster.ts";
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
