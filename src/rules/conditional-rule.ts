import { checkConditions } from "./check-conditions.ts";
import { judgeLead, listConditions, type Conditions } from "./conditions.ts";
import type { Pod } from "./pod.ts";
import type { Rule } from "./rule.ts";
import { checkRuleName } from "./rule-name.ts";
import type { RuleKind } from "./trail.ts";

/** A rule that sends to its pod every lead its conditions hold for. */
export function conditionalRule(
  kind: RuleKind,
  name: string,
  conditions: Conditions,
  pod: Pod,
): Rule {
  checkRuleName(kind, name);
  checkConditions(`${kind} "${name}"`, conditions);
  const list = listConditions(conditions);
  return {
    name,
    kind,
    pod,
    definition: { conditions },
    catchesAll: list.length === 0,
    evaluate(lead) {
      const { holds, reason } = judgeLead(list, lead);
      return holds ? { outcome: "ask_pod", pod, reason } : { outcome: "no_match", reason };
    },
  };
}
