import type { Difference } from "./difference.ts";
import type { Proof } from "./proof.ts";

/** How the rules that decided, left to themselves, compare with what was recorded. */
export interface Drift {
  readonly same: number;
  /** The rotation came to somebody else of the same pod. */
  readonly owner: number;
  /** Another rule, pod, or nobody. */
  readonly elsewhere: number;
}

/** What a replay found. Plain data: `--format json` prints it. Instants are milliseconds since the epoch. */
export interface ReplayReport {
  readonly from: number;
  readonly until: number;
  /** The rules that were tried. */
  readonly version: string;
  /** The rules that decided. */
  readonly versions: readonly {
    readonly version: string;
    readonly decisions: number;
    /** Whether the replay had them: else their decisions stand as recorded. */
    readonly known: boolean;
  }[];
  readonly proof: Proof;
  readonly drift: Drift;
  readonly difference: Difference;
  /** Pods of the rules that were tried in which nobody was at any time. */
  readonly emptyPods: readonly string[];
  /** Rules that ask a predicate: what it looks at of a lead, nobody can say. */
  readonly predicates: readonly string[];
}
