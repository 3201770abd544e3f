import type { ChainProblem } from "../../rules/chain.ts";

/** Something about the rules that is wrong, or looks it. */
export interface Finding {
  /** An error is a rule or a lead that cannot work as written; a warning may be intended. */
  readonly severity: "error" | "warning";
  /** Stable, for scripts: "never_reached". */
  readonly kind: FindingKind;
  /** Where in the file, if it is about a place there: "rules.ts:12:3". */
  readonly at?: string;
  /** Names of the rules it is about, in the order they are tried. */
  readonly rules: readonly string[];
  /** Ids of the pods it is about. */
  readonly pods: readonly string[];
  /** One sentence, for the owner of the rules. */
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

/** What a finding is about: all but its sentence and the advice. */
export function about(
  severity: Finding["severity"],
  kind: FindingKind,
  rules: readonly string[] = [],
  pods: readonly string[] = [],
): Pick<Finding, "severity" | "kind" | "rules" | "pods"> {
  return { severity, kind, rules, pods };
}

/** The result of a check. */
export interface Report {
  readonly findings: readonly Finding[];
  /** What could not be judged, and other remarks: never a reason to fail. */
  readonly notes: readonly string[];
}

/** One report: the errors first, each severity in the order it was found. */
export function joinReports(...reports: readonly Report[]): Report {
  const findings = reports.flatMap((report) => report.findings);
  const rank = ({ severity }: Finding) => (severity === "error" ? 0 : 1);
  return {
    findings: findings.toSorted((one, other) => rank(one) - rank(other)),
    notes: reports.flatMap(({ notes }) => notes),
  };
}

/** What `chain()` refuses, as findings. */
export function explainRefusal(problems: readonly ChainProblem[]): readonly Finding[] {
  return problems.map(({ kind, rules, says }) => ({
    ...about("error", "chain_refused", rules),
    says: `${says.charAt(0).toUpperCase()}${says.slice(1)}.`.replace(/^It has/, "The chain has"),
    advice: ADVICE[kind],
  }));
}

const ADVICE: Readonly<Record<ChainProblem["kind"], string>> = {
  no_rules: "A chain needs at least a fallback: chain(fallback(pod)).",
  shared_name: "Give each rule a name of its own.",
  after_catch_all: "Move it up: a rule that takes every lead comes last.",
  no_fallback: "End the chain with fallback(pod).",
  overlapping_bands:
    "Start one band where the other ends: { min: 40, max: 79.99 } and { min: 80 }.",
  twofold_pod: "Create the pod once, in a constant, and use it in every rule.",
};
