import type { Conditions } from "./conditions.ts";
import { conditionalRule } from "./conditional-rule.ts";
import type { Pod } from "./pod.ts";
import type { Rule } from "./rule.ts";

/**
 * Leads of a territory go to its pod: `territory("DACH", { countryCode: ["DE", "AT", "CH"] }, dach)`.
 * @throws {Error} naming the rule, when a condition is impossible
 */
export function territory(name: string, conditions: Conditions, pod: Pod): Rule {
  return conditionalRule("territory", name, conditions, pod);
}
