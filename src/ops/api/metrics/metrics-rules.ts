import { z } from "zod";
import type { Rule } from "../../../rules/rule.ts";
import {
  explainRecord,
  rateRules,
  type RuleRates,
  type RuleRecord,
  type Tries,
} from "../../metrics/rule-rates.ts";
import { periodsOf } from "../../metrics/collect.ts";
import { endpoint, type ApiPart } from "../endpoint.ts";
import { isoOrNull, presentRange, rangeQuery, readRange, zone } from "./metrics-range.ts";
import { RULES_EXAMPLE, rulesShape } from "./metrics-rules-shape.ts";
import { isoInstant } from "../present.ts";

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
  standing: { readonly kind: string; readonly place: number } | null,
  routed: number,
) {
  const inChain = standing !== null;
  return {
    rule: record.rule,
    kind: standing?.kind ?? null,
    place: standing?.place ?? null,
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
