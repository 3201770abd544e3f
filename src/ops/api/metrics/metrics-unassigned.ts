import { type GroupList, reviewUnassigned } from "../../metrics/unassigned.ts";
import type { Suggestion } from "../../metrics/suggest-rule.ts";
import { endpoint, type ApiPart } from "../endpoint.ts";
import { presentRange, rangeQuery, readRange } from "./metrics-range.ts";
import { UNASSIGNED_EXAMPLE, unassignedShape } from "./metrics-unassigned-shape.ts";
import { isoInstant } from "../present.ts";

/** Causes that are named; there are about as many as ways through the chain. */
const MAX_CAUSES = 50;

export function addUnassignedMetric(api: ApiPart): void {
  endpoint(
    api,
    {
      method: "get",
      path: "/metrics/unassigned",
      tag: "Metrics",
      summary: "Whom does nobody get, and which rule would have caught them?",
      description:
        "Leads received in the range that are unassigned now, neither closed nor erased: by reason, country, source and company " +
        "domain. Each lead is counted once in each list. `causes` counts all decisions of the range that nobody gets a lead, " +
        "those resolved since among them.",
      query: rangeQuery,
      answers: {
        200: {
          description: "The groups, largest first.",
          schema: unassignedShape,
          example: UNASSIGNED_EXAMPLE,
        },
      },
    },
    async ({ deps, query }) => {
      const range = readRange(query, deps.now());
      const { leads, allLeads, groups, causes, ...counted } = await reviewUnassigned(deps, range);
      return {
        status: 200,
        body: {
          ...presentRange(range, counted),
          leads,
          allLeads,
          reason: presentList(groups.reason),
          countryCode: presentList(groups.countryCode),
          source: presentList(groups.source),
          companyDomain: presentList(groups.companyDomain),
          causes: Array.from(causes, ([reason, decisions]) => ({ reason, decisions }))
            .toSorted((a, b) => b.decisions - a.decisions || (a.reason < b.reason ? -1 : 1))
            .slice(0, MAX_CAUSES),
        },
      };
    },
  );
}

function presentList({ groups, rest }: GroupList) {
  return {
    groups: groups.map(({ firstAt, lastAt, suggestion: rule, ...others }) => ({
      ...others,
      firstAt: isoInstant(firstAt),
      lastAt: isoInstant(lastAt),
      suggestion: rule === null ? null : { ...rule, explanation: explainSuggestion(rule) },
    })),
    rest,
  };
}

/** "Before the rule fallback it would have caught 12 of 12, and 1 other; somebody in dach is eligible now." */
function explainSuggestion({ before, caught, podId }: Suggestion): string {
  const { ofGroup, group: size, others } = caught;
  const more = others === 0 ? "" : `, and ${others} ${others === 1 ? "other" : "others"}`;
  const where =
    podId === null
      ? "nobody is eligible in any pod now: it needs a pod with capacity"
      : `somebody in ${podId} is eligible now`;
  return `Before the rule ${before} it would have caught ${ofGroup} of ${size}${more}; ${where}.`;
}
