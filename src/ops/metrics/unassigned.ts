import type { Deps } from "../../ports/deps.ts";
import type { Range } from "../../record/rollups.ts";
import { findCapacity, type Capacity } from "./capacity.ts";
import { collect, type Counted } from "./collect.ts";
import { patternValue } from "./pattern.ts";
import { groupUnassigned, type Groups } from "./unassigned-groups.ts";
import type { ChoosePod } from "./suggest-rule.ts";
import { listUnassignedLeads } from "./unassigned-leads.ts";

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
