import type { Chain } from "../../rules/chain.ts";
import type { Pod } from "../../rules/pod.ts";
import { findListProblems } from "./contradictions.ts";
import { findFieldSpellings } from "./field-spellings.ts";
import { sortFindings, type Report } from "./finding.ts";
import { findIntakeConflicts } from "./intake-conflicts.ts";
import { findPodProblems } from "./pod-settings.ts";
import { checkPredicates } from "./predicates.ts";
import { findUnreachable } from "./reachability.ts";
import { listConditionalRules } from "./rule-conditions.ts";
import { findBandProblems } from "./score-bands.ts";
import { findSharedCountries } from "./shared-countries.ts";

/**
 * Everything suspicious about a chain that loads: what `chain()` refuses is not repeated here. Pure.
 * @param declared every pod that rules.ts makes, so that those no rule sends to are found
 */
export function checkChain(chain: Chain, declared: readonly Pod[]): Report {
  const rules = listConditionalRules(chain.rules);
  const unreachable = findUnreachable(rules);
  const predicates = checkPredicates(chain.rules);
  return {
    findings: sortFindings([
      ...unreachable.findings,
      ...rules.flatMap(findListProblems),
      ...rules.flatMap(findIntakeConflicts),
      ...findBandProblems(rules),
      ...findSharedCountries(rules),
      ...findFieldSpellings(rules),
      ...predicates.findings,
      ...findPodProblems(chain, declared),
    ]),
    notes: [...unreachable.notes, ...predicates.notes],
  };
}
