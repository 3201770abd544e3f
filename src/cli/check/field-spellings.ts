import { foldFieldName } from "../../intake/index.ts";
import type { Finding } from "./finding.ts";
import type { ConditionalRule } from "./rule-conditions.ts";
import { quoteNames } from "../../rules/explain.ts";

/** Form fields that rules spell in two ways: `fields` takes a name to the letter, so one of the two is a slip. */
export function findFieldSpellings(rules: readonly ConditionalRule[]): readonly Finding[] {
  const uses = rules.flatMap((rule) =>
    Object.keys(rule.conditions.fields ?? {}).map((field) => ({ rule, field })),
  );
  const groups = Map.groupBy(uses, ({ field }) => foldFieldName(field));
  return [...groups.values()].flatMap((group) => {
    const spellings = [...new Set(group.map(({ field }) => field))];
    if (spellings.length < 2) return [];
    const names = [...new Set(group.map(({ rule }) => rule.name))];
    return [
      {
        severity: "warning" as const,
        kind: "field_spelled_twice" as const,
        rules: names,
        pods: [...new Set(group.map(({ rule }) => rule.pod.id))],
        says: `${quoteNames(spellings)} are ${spellings.length} different form fields to ${quoteNames(names)}.`,
        advice: "Spell the field as your form sends it, everywhere.",
      },
    ];
  });
}
