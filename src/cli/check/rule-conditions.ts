import type { Conditions } from "../../rules/conditions.ts";
import type { Pod } from "../../rules/pod.ts";
import type { Rule } from "../../rules/rule.ts";

/** A rule that decides by conditions alone, so that it can be reasoned about. */
export interface ConditionalRule {
  readonly name: string;
  readonly kind: Rule["kind"];
  readonly pod: Pod;
  readonly conditions: Conditions;
}

/** The rules that decide by conditions, in the chain's order; the fallback is one without any. */
export function listConditionalRules(rules: readonly Rule[]): readonly ConditionalRule[] {
  return rules.flatMap(({ name, kind, pod, definition }) =>
    pod !== null && hasConditions(definition)
      ? [{ name, kind, pod, conditions: definition.conditions }]
      : [],
  );
}

/** The name of the function a rule decides by; null when it decides by data. */
export function predicateOf({ definition }: Rule): string | null {
  const { predicate } = definition;
  return typeof predicate === "string" ? predicate : null;
}

// What the conditions are was checked when the rule was made: see checkConditions.
function hasConditions(definition: object): definition is { readonly conditions: Conditions } {
  return "conditions" in definition && typeof definition.conditions === "object";
}
