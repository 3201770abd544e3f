import { kindOf } from "../lib/failure.ts";
import type { Conditions } from "./conditions.ts";
import { conditionalRule } from "./conditional-rules.ts";
import type { Lead } from "./lead.ts";
import type { Pod } from "./pod.ts";
import type { Rule, Verdict } from "./rule.ts";
import { checkRuleName } from "./rule.ts";

/**
 * Says of a lead what data cannot. Pure: the same lead, the same answer. It needs a name, because the name
 * is its explanation and represents it in chainVersion: **when its meaning changes, change its name**.
 */
export type LeadPredicate = (lead: Lead) => boolean;

/**
 * Leads for which the conditions hold, or the predicate says yes, go to the pod:
 * `rule("small teams", { source: "referral", fields: { company_size: { max: 50 } } }, sdr)`.
 * @throws {Error} naming the rule, when a condition is impossible or the predicate has no name
 */
export function rule(name: string, when: Conditions | LeadPredicate, pod: Pod): Rule {
  return typeof when === "function"
    ? predicateRule(name, when, pod)
    : conditionalRule("rule", name, when, pod);
}

function predicateRule(name: string, predicate: LeadPredicate, pod: Pod): Rule {
  checkRuleName("rule", name);
  if (predicate.name === "") {
    throw new Error(
      `rule "${name}": its predicate has no name; write it as a function with one, the name explains it`,
    );
  }
  return {
    name,
    kind: "rule",
    pod,
    definition: { predicate: predicate.name },
    catchesAll: false,
    evaluate: (lead) => askPredicate(predicate, lead, pod),
  };
}

function askPredicate(predicate: LeadPredicate, lead: Lead, pod: Pod): Verdict {
  try {
    return predicate(lead)
      ? { outcome: "ask_pod", pod, reason: `${predicate.name} says yes` }
      : { outcome: "no_match", reason: `${predicate.name} says no` };
  } catch (error) {
    // A broken rule must not keep the lead from the rules below it. The message may quote the lead: only the
    // error's class is told.
    return {
      outcome: "no_match",
      reason: `${predicate.name} failed (${error instanceof Error ? kindOf(error) : "no Error"})`,
    };
  }
}
