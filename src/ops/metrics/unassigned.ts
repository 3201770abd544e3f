import type { Deps } from "../../ports/deps.ts";
import type { Range } from "../../record/rollups.ts";
import type { Chain } from "../../rules/chain.ts";
import { type Capacity, findCapacity } from "./assignments.ts";
import { collect, type Counted } from "./collect.ts";
import {
  type ChoosePod,
  type Pattern,
  PATTERNS,
  patternValue,
  type Suggestion,
  suggestRule,
} from "./suggest-rule.ts";
import {
  causeOf,
  explainDeadEnds,
  listUnassignedLeads,
  type Nobody,
  type UnassignedLead,
} from "./unassigned-leads.ts";

/** The leads of a range that nobody has, by what they have in common. */
export interface Unassigned extends Counted {
  /** Leads looked at that are unassigned now. */
  readonly leads: number;
  /** False when there are more than were looked at: then these are the newest. */
  readonly allLeads: boolean;
  readonly groups: Groups;
  /** All decisions of the range that nobody gets a lead, those resolved since among them, by cause. */
  readonly causes: ReadonlyMap<string, number>;
}

interface Sum {
  readonly causes: Map<string, number>;
  /** Assigned leads by source and pod, for the sources of the leads that nobody has. */
  readonly bySource: Map<string, Map<string, number>>;
}

/**
 * Groups the leads received in a range that are unassigned now, each group with the rule that would have caught it; and
 * counts why decisions of the range were `unassigned`.
 */
export async function reviewUnassigned(deps: Deps, range: Range): Promise<Unassigned> {
  const { leads, complete: allLeads } = await listUnassignedLeads(deps.db, range);
  const sources = new Set(leads.map((lead) => patternValue(lead, "source")));
  const [{ sum, upTo, complete }, capacity] = await Promise.all([
    collect(deps.db, range, ["counts", "causes"], startSum, (into, _bucket, tally) => {
      for (const [cause, decisions] of tally.causes) addTo(into.causes, cause, decisions);
      for (const [, pod, , source, first, later] of tally.counts) {
        const folded = source?.toLowerCase() ?? null;
        if (pod !== null && folded !== null && sources.has(folded))
          addTo(podsOf(into, folded), pod, first + later);
      }
    }),
    findCapacity(deps),
  ]);
  const groups = groupUnassigned(deps.chain, leads, choosing(capacity, sum.bySource));
  return { leads: leads.length, allLeads, groups, causes: sum.causes, upTo, complete };
}

/** The pod that got most leads of the same source, if somebody there is eligible; else that with most people who are. */
function choosing(capacity: readonly Capacity[], bySource: Sum["bySource"]): ChoosePod {
  return (pattern, value) => {
    const got = pattern === "source" && value !== null ? bySource.get(value) : undefined;
    let [best] = capacity;
    for (const one of capacity)
      if ((got?.get(one.pod.id) ?? 0) > (got?.get(best?.pod.id ?? "") ?? 0)) best = one;
    return best?.pod ?? null;
  };
}

function startSum(): Sum {
  return { causes: new Map(), bySource: new Map() };
}

function podsOf({ bySource }: Sum, source: string): Map<string, number> {
  const pods = bySource.get(source) ?? new Map<string, number>();
  bySource.set(source, pods);
  return pods;
}

function addTo(counts: Map<string, number>, key: string, count: number): void {
  counts.set(key, (counts.get(key) ?? 0) + count);
}

/** Groups that are named in each list. */
const MAX_GROUPS = 50;

/** Leads that have something in common. */
interface UnassignedGroup {
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

type Groups = Readonly<Record<"reason" | Pattern, GroupList>>;

/** Groups leads by why nobody got them and by what they have in common: four lists, and each lead once in each. Pure. */
function groupUnassigned(
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
