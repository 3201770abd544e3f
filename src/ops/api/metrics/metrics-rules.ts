import { z } from "zod";
import {
  isoOrNull,
  presentRange,
  RANGE_EXAMPLE,
  rangeQuery,
  rangeShape,
  readRange,
  zone,
} from "./metrics-range.ts";
import { isoText } from "../shapes.ts";
import type { Rule } from "../../../rules/rule.ts";
import {
  explainRecord,
  rateRules,
  type RuleRates,
  type RuleRecord,
  type Tries,
} from "../../metrics/rule-rates.ts";
import { periodsOf } from "../../metrics/collect.ts";
import { type ApiPart, endpoint } from "../endpoint.ts";
import { isoInstant } from "../present.ts";

const tries = {
  tried: z.int(),
  matched: z.int().meta({ description: "Its conditions held, whether or not anybody was there." }),
  nobody: z.int().meta({ description: "Of those matched: nobody was eligible." }),
  rate: z.number().nullable().meta({ description: "Matched per tried; null when not tried." }),
};

const silence = z.strictObject({
  stopped: z.boolean(),
  since: z.int(),
  expected: z.number(),
  observed: z.literal(0),
});

const ruleRate = z
  .strictObject({
    rule: z.string(),
    kind: z.string().nullable(),
    place: z.int().nullable().meta({ description: "1 = the first of the chain; null = gone." }),
    inChain: z.boolean(),
    ...tries,
    lastTriedAt: isoText.nullable(),
    lastMatchedAt: isoText
      .nullable()
      .meta({ description: "The quarter-hour of its last match: its start." }),
    stopped: z.boolean().meta({
      description: "It matched before, and has silently stopped: see `matches`.",
    }),
    noLongerTried: z.boolean().meta({
      description: "It was tried before, and rules before it get every lead now: see `tries`.",
    }),
    matches: silence.meta({
      description:
        "Since its last match: leads it was tried on, matches expected of them at its earlier rate, and none observed. Stopped = " +
        "at least 5 were expected, and the chance of seeing none is below 1 %.",
    }),
    tries: silence.meta({
      description:
        "Since it was last tried: leads routed, and tries expected of them. The same test.",
    }),
    explanation: z.string().nullable(),
    series: z
      .array(z.strictObject({ at: isoText, ...tries }))
      .readonly()
      .meta({ description: "By the start of each day or hour in which it was tried." }),
  })
  .meta({ id: "RuleRate" });

const rulesShape = z.strictObject({
  ...rangeShape,
  zone: z.string(),
  every: z.enum(["day", "hour"]),
  routed: z.int().meta({ description: "Decisions for which the chain was walked." }),
  rules: z.array(ruleRate).readonly(),
});

const RULES_EXAMPLE = {
  ...RANGE_EXAMPLE,
  from: "2026-11-20T00:00:00.000Z",
  zone: "UTC",
  every: "day",
  routed: 260,
  rules: [
    {
      rule: "DACH",
      kind: "territory",
      place: 2,
      inChain: true,
      tried: 260,
      matched: 80,
      nobody: 3,
      rate: 0.3076923076923077,
      lastTriedAt: "2026-11-22T09:30:00.000Z",
      lastMatchedAt: "2026-11-21T16:45:00.000Z",
      stopped: true,
      noLongerTried: false,
      matches: { stopped: true, since: 60, expected: 24, observed: 0 },
      tries: { stopped: false, since: 0, expected: 0, observed: 0 },
      explanation:
        "It has stopped matching: it matched 80 of 200 leads, last in the quarter-hour from 2026-11-21T16:45:00.000Z. " +
        "Of the 60 leads it was tried on since, 24 would have matched at that rate, and none did.",
      series: [
        {
          at: "2026-11-21T00:00:00.000Z",
          tried: 210,
          matched: 80,
          nobody: 3,
          rate: 0.38095238095238093,
        },
        { at: "2026-11-22T00:00:00.000Z", tried: 50, matched: 0, nobody: 0, rate: 0 },
      ],
    },
  ],
};

/** Most days of a range by the hour: 336 entries a rule. */
const MAX_DAYS_BY_HOUR = 14;
/** Rules that are no longer in the chain: those tried most. */
const MAX_GONE = 50;

const rulesQuery = rangeQuery.extend({
  zone,
  every: z
    .enum(["day", "hour"], { error: "should be day or hour" })
    .default("day")
    .meta({ description: `By the hour, a range has at most ${MAX_DAYS_BY_HOUR} days.` }),
});

const UNTRIED: Omit<RuleRecord, "rule"> = {
  tried: 0,
  matched: 0,
  nobody: 0,
  lastTriedAt: null,
  lastMatchedAt: null,
  matches: { stopped: false, since: 0, expected: 0 },
  tries: { stopped: false, since: 0, expected: 0 },
  series: [],
};

export function addRulesMetric(api: ApiPart): void {
  endpoint(
    api,
    {
      method: "get",
      path: "/metrics/rules",
      tag: "Metrics",
      summary: "Which rule stopped matching?",
      description:
        "How often each rule was tried and matched, from the trails of the range's decisions. A rule is tried on the leads that those " +
        "before it let through, so its rate is per lead tried. Rules of the chain in their order, then up to " +
        `${MAX_GONE} that are no longer in it.`,
      query: rulesQuery,
      answers: {
        200: {
          description: "Each rule's record.",
          schema: rulesShape,
          example: RULES_EXAMPLE,
        },
      },
    },
    async ({ deps, query }) => {
      const { every, zone: timeZone } = query;
      const hourly = every === "hour";
      const range = hourly
        ? readRange(query, deps.now(), MAX_DAYS_BY_HOUR)
        : readRange(query, deps.now());
      const rates = await rateRules(deps.db, range, periodsOf(every, timeZone, range));
      const { routed } = rates;
      const rules = presentRules(deps.chain.rules, rates);
      return {
        status: 200,
        body: { ...presentRange(range, rates), zone: timeZone, every, routed, rules },
      };
    },
  );
}

function presentRules(chain: readonly Rule[], { rules, routed }: RuleRates) {
  const names = new Set(chain.map(({ name }) => name));
  const gone = [...rules.values()].filter(({ rule }) => !names.has(rule));
  gone.sort((a, b) => b.tried - a.tried || (a.rule < b.rule ? -1 : 1));
  return [
    ...chain.map(({ name, kind }, at) =>
      presentRecord(rules.get(name) ?? { ...UNTRIED, rule: name }, { kind, place: at + 1 }, routed),
    ),
    ...gone.slice(0, MAX_GONE).map((record) => presentRecord(record, null, routed)),
  ];
}

function presentRecord(
  record: RuleRecord,
  current: { readonly kind: string; readonly place: number } | null,
  routed: number,
) {
  const inChain = current !== null;
  return {
    rule: record.rule,
    kind: current?.kind ?? null,
    place: current?.place ?? null,
    inChain,
    ...presentTries(record),
    lastTriedAt: isoOrNull(record.lastTriedAt),
    lastMatchedAt: isoOrNull(record.lastMatchedAt),
    stopped: inChain && record.matches.stopped,
    noLongerTried: inChain && record.tries.stopped,
    matches: { ...record.matches, observed: 0 as const },
    tries: { ...record.tries, observed: 0 as const },
    explanation: explainRecord(record, inChain, routed),
    series: record.series.map(({ at, ...here }) => ({
      at: isoInstant(at),
      ...presentTries(here),
    })),
  };
}

function presentTries({ tried, matched, nobody }: Tries) {
  return { tried, matched, nobody, rate: tried === 0 ? null : matched / tried };
}
