import type { Chain } from "../../rules/chain.ts";
import type { Rule } from "../../rules/rule.ts";
import { isRecord } from "../../lib/json.ts";

/** What of a lead the rules look at, beyond what every export holds. */
export interface ChainNeeds {
  /** Form fields; null = any, because a predicate of the chain may look at whatever it likes. */
  readonly fields: readonly string[] | null;
  readonly company: boolean;
}

export function needsOf(chains: readonly Chain[]): ChainNeeds {
  const fields = new Set<string>();
  let company = false;
  for (const { definition } of chains.flatMap(({ rules }) => rules)) {
    const { conditions } = definition;
    if (!isRecord(conditions)) continue;
    if ("company" in conditions) company = true;
    if (isRecord(conditions["fields"]))
      for (const name of Object.keys(conditions["fields"])) fields.add(name);
  }
  const opaque = predicatesOf(chains).length > 0;
  return { fields: opaque ? null : [...fields].toSorted(), company: company || opaque };
}

/** Names of the rules that ask a predicate. */
export function predicatesOf(chains: readonly Chain[]): readonly string[] {
  const rules = chains.flatMap((chain) => chain.rules);
  return [...new Set(rules.filter(asksPredicate).map(({ name }) => name))];
}

function asksPredicate({ definition }: Rule): boolean {
  return definition["predicate"] !== undefined;
}

/** Form fields that the rules look at and the record does not hold. @param kept null = all */
export function missingFields(
  { fields }: ChainNeeds,
  kept: readonly string[] | null,
): readonly string[] {
  if (kept === null) return [];
  return fields === null
    ? ["any (a predicate may look at all)"]
    : fields.filter((name) => !kept.includes(name));
}
