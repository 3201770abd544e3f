/** Something about the rules that is wrong, or looks it. */
export interface Finding {
  /** An error is a rule or a lead that cannot work as written; a warning may be meant. */
  readonly severity: "error" | "warning";
  /** Stable, for scripts: "never_reached". */
  readonly kind: FindingKind;
  /** Where in the file, if it is about a place there: "rules.ts:12:3". */
  readonly at?: string;
  /** Names of the rules it is about, in the chain's order. */
  readonly rules: readonly string[];
  /** Ids of the pods it is about. */
  readonly pods: readonly string[];
  /** One sentence, for whoever owns the rules. */
  readonly says: string;
  /** What to do about it. */
  readonly advice: string;
}

export type FindingKind =
  // The file
  | "does_not_compile"
  | "does_not_load"
  | "chain_refused"
  // Rules against rules
  | "never_reached"
  | "only_overflow"
  | "score_gap"
  | "score_overlap"
  | "shared_country"
  | "field_spelled_twice"
  // One rule
  | "always_true"
  | "impossible_value"
  | "repeated_value"
  | "field_taken_by_intake"
  | "predicate_fails"
  // Pods
  | "unused_pod"
  | "zero_cap"
  | "long_wait"
  // Live data
  | "pod_without_members"
  | "members_nobody_sends_to"
  | "owner_no_rep"
  | "silent_rule"
  | "slack_not_set";

/** All that a check has to say. */
export interface Report {
  readonly findings: readonly Finding[];
  /** What could not be judged, and other remarks: never a reason to fail. */
  readonly notes: readonly string[];
}

/** The errors first, each kind in the order it was found. */
export function sortFindings(findings: readonly Finding[]): readonly Finding[] {
  const rank = ({ severity }: Finding) => (severity === "error" ? 0 : 1);
  return findings.toSorted((one, other) => rank(one) - rank(other));
}
