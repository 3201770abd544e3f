import { chain as makeChain, pod as makePod, type Chain } from "../../rules/index.ts";
import { type ChainProblem, findProblems } from "../../rules/chain.ts";
import type { Pod, PodSettings } from "../../rules/pod.ts";
import type { Rule } from "../../rules/rule.ts";

// Stands in for "lead-router" while rules.ts is loaded to be checked (see load-rules.ts): does the same, and keeps what a
// finished chain no longer shows. Production never sees it.

export * from "../../rules/index.ts";

/** What was made since it was last emptied. */
export const recorded: { pods: Pod[]; problems: readonly ChainProblem[] } = {
  pods: [],
  problems: [],
};

export function pod(id: string, settings: PodSettings = {}): Pod {
  const made = makePod(id, settings);
  recorded.pods.push(made);
  return made;
}

export function chain(...rules: readonly Rule[]): Chain {
  recorded.problems = findProblems(rules);
  return makeChain(...rules);
}
