import { conditionalRule } from "./conditional-rule.ts";
import type { Pod } from "./pod.ts";
import type { Rule } from "./rule.ts";

/** Takes every lead that no rule above found a rep for. Stands last, once. */
export function fallback(pod: Pod): Rule {
  return conditionalRule("fallback", "fallback", {}, pod);
}
