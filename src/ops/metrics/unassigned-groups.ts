import type { Chain } from "../../rules/chain.ts";
import { causeOf } from "./dead-end.ts";
import { explainDeadEnds, type Nobody } from "./nobody.ts";
import { PATTERNS, patternValue, type Pattern } from "./pattern.ts";
import { suggestRule, type ChoosePod, type Suggestion } from "./suggest-rule.ts";
import type { UnassignedLead } from "./unassigned-leads.ts";

/** Groups that are named in each list. */
const MAX_GROUPS = 50;

/** Leads that have something in common. */
export interface UnassignedGroup {
  /** What they have in common; null = none of them has it. */
  readonly value: string | null;
  readonly leads: number;
  /** When the first and the last of them were received, in milliseconds. */
  readonly firstAt: number;
  readonly lastAt: number;
  /** Rules that matched some of them and had nobody. */
  readonly nobody: readonly Nobody[];
  /** The rule that would have caught them; null = none can be named. */
  readonly suggestion: Suggestion | null;
}

/** The largest groups of a list, and how many others there are with how many leads. */
export interface GroupList {
  readonly groups: readonly UnassignedGroup[];
  readonly rest: { readonly groups: number; readonly leads: number };
}

export type Groups = Readonly<Record<"reason" | Pattern, GroupList>>;

/** Groups leads by why nobody got them and by what they have in common: four lists, and each lead once in each. Pure. */
export function groupUnassigned(
  chain: Chain,
  leads: readonly UnassignedLead[],
  choosePod: ChoosePod,
): Groups {
  const groupBy = (
    valueOf: (lead: UnassignedLead) => string | null,
    patterns: readonly Pattern[],
  ): GroupList => {
    const sizes = [...Map.groupBy(leads, valueOf)].toSorted(
      ([a, one], [b, other]) => other.length - one.length || ((a ?? "") < (b ?? "") ? -1 : 1),
    );
    const rest = sizes.slice(MAX_GROUPS);
    return {
      groups: sizes.slice(0, MAX_GROUPS).map(([value, group]) => ({
        value,
        leads: group.length,
        firstAt: Math.min(...group.map(({ receivedAt }) => receivedAt)),
        lastAt: Math.max(...group.map(({ receivedAt }) => receivedAt)),
        nobody: explainDeadEnds(group),
        suggestion: suggestRule(chain, group, leads, choosePod, patterns),
      })),
      rest: {
        groups: rest.length,
        leads: rest.reduce((sum, [, group]) => sum + group.length, 0),
      },
    };
  };
  return {
    reason: groupBy(({ tried, deadEnds }) => causeOf(tried, deadEnds), PATTERNS),
    countryCode: groupBy((lead) => patternValue(lead, "countryCode"), ["countryCode"]),
    source: groupBy((lead) => patternValue(lead, "source"), ["source"]),
    companyDomain: groupBy((lead) => patternValue(lead, "companyDomain"), ["companyDomain"]),
  };
}
