import { z } from "zod";
import { OBSTACLES } from "../../metrics/unassigned-leads.ts";
import { presentRange, RANGE_EXAMPLE, rangeQuery, rangeShape, readRange } from "./metrics-range.ts";
import { isoText } from "../shapes.ts";
import { type GroupList, reviewUnassigned } from "../../metrics/unassigned.ts";
import type { Suggestion } from "../../metrics/suggest-rule.ts";
import { type ApiPart, endpoint } from "../endpoint.ts";
import { isoInstant } from "../present.ts";

const nobody = z.strictObject({
  rule: z.string(),
  podId: z.string().nullable(),
  leads: z.int(),
  why: z
    .array(z.strictObject({ obstacle: z.enum(Object.keys(OBSTACLES)), leads: z.int() }))
    .readonly(),
  explanation: z.string(),
});

const suggestion = z
  .strictObject({
    line: z.string().meta({
      description:
        "A line of rules.ts. It names the pod by its id in camel case; put your constant there.",
    }),
    podId: z.string().nullable().meta({
      description:
        "Somebody in it is eligible now. Null = nobody is eligible in any pod: the rule needs one with capacity.",
    }),
    before: z.string().meta({ description: "The rule of the chain before which it belongs." }),
    caught: z.strictObject({ ofGroup: z.int(), group: z.int(), others: z.int() }).meta({
      description:
        "Leads of the group that the rule, built and asked, catches; and of the other unassigned ones.",
    }),
    explanation: z.string(),
  })
  .nullable();

const group = z
  .strictObject({
    value: z.string().nullable(),
    leads: z.int(),
    firstAt: isoText,
    lastAt: isoText,
    nobody: z.array(nobody).readonly(),
    suggestion,
  })
  .meta({
    id: "UnassignedGroup",
    description: "Leads with something in common; null = none has it.",
  });

const groupList = z
  .strictObject({
    groups: z.array(group).readonly(),
    rest: z.strictObject({ groups: z.int(), leads: z.int() }),
  })
  .meta({ id: "UnassignedGroups", description: "The largest groups, and the rest counted." });

const unassignedShape = z.strictObject({
  ...rangeShape,
  leads: z.int(),
  allLeads: z.boolean().meta({
    description: "False when there are more: these are the newest; ask for a shorter range.",
  }),
  reason: groupList,
  countryCode: groupList,
  source: groupList,
  companyDomain: groupList,
  causes: z.array(z.strictObject({ reason: z.string(), decisions: z.int() })).readonly(),
});

const EMPTY_LIST = { groups: [], rest: { groups: 0, leads: 0 } };

const EXAMPLE_GROUP = {
  leads: 12,
  firstAt: "2026-11-20T08:12:44.310Z",
  lastAt: "2026-11-22T09:14:02.007Z",
  nobody: [
    {
      rule: "fallback",
      podId: "everyone",
      leads: 12,
      why: [
        { obstacle: "at_daily_cap", leads: 9 },
        { obstacle: "absent", leads: 3 },
      ],
      explanation:
        "fallback matched 12 times, nobody in everyone was eligible: 9 at the daily cap, 3 away",
    },
  ],
  suggestion: {
    line: 'territory("FR", { countryCode: "FR" }, sdr)',
    podId: "sdr",
    before: "fallback",
    caught: { ofGroup: 12, group: 12, others: 0 },
    explanation:
      "Before the rule fallback it would have caught 12 of 12; somebody in sdr is eligible now.",
  },
};

const UNASSIGNED_EXAMPLE = {
  ...RANGE_EXAMPLE,
  leads: 12,
  allLeads: true,
  reason: {
    groups: [{ value: "fallback matched, nobody in everyone was eligible", ...EXAMPLE_GROUP }],
    rest: { groups: 0, leads: 0 },
  },
  countryCode: { groups: [{ value: "FR", ...EXAMPLE_GROUP }], rest: { groups: 0, leads: 0 } },
  source: EMPTY_LIST,
  companyDomain: EMPTY_LIST,
  causes: [{ reason: "fallback matched, nobody in everyone was eligible", decisions: 14 }],
};

/** Causes that are named; there are about as many as ways through the chain. */
const MAX_CAUSES = 50;

export function addUnassignedMetric(api: ApiPart): void {
  endpoint(
    api,
    {
      method: "get",
      path: "/metrics/unassigned",
      tag: "Metrics",
      summary: "Which leads have no owner, and which rule would have caught them?",
      description:
        "Leads received in the range that are unassigned now, neither closed nor erased: by reason, country, source and company " +
        "domain. Each lead is counted once in each list. `causes` counts all decisions of the range that left a lead unassigned, " +
        "also those resolved since.",
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
