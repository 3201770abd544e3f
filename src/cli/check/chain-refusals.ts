import type { ChainProblem } from "../../rules/chain.ts";
import type { Finding } from "./finding.ts";

const ADVICE: Readonly<Record<ChainProblem["kind"], string>> = {
  no_rules: "A chain has at least a fallback: chain(fallback(pod)).",
  shared_name: "Give each rule a name of its own.",
  after_catch_all: "Move it up: what takes every lead comes last.",
  no_fallback: "End the chain with fallback(pod).",
  overlapping_bands:
    "Let one band begin where the other ends: { min: 40, max: 79.99 } and { min: 80 }.",
  twofold_pod: "Make the pod once, in a constant, and use that in every rule.",
};

/** What `chain()` refuses, as findings. */
export function explainRefusal(problems: readonly ChainProblem[]): readonly Finding[] {
  return problems.map(({ kind, rules, says }) => ({
    severity: "error",
    kind: "chain_refused",
    rules,
    pods: [],
    says: `${says.charAt(0).toUpperCase()}${says.slice(1)}.`.replace(/^It has/, "The chain has"),
    advice: ADVICE[kind],
  }));
}
