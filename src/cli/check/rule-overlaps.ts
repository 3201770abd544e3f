import { listWords, quoteNames } from "../../rules/explain.ts";
import { about, type Finding, type Report } from "./finding.ts";
import {
  betweenTwo,
  type ConditionalRule,
  endsOf,
  isNumeric,
  type LeadSpace,
  listSubjects,
  openLeadSpace,
} from "./lead-space.ts";

// What is wrong between rules: those that others leave nothing to, bands with holes, countries that two territories name.

/**
 * Rules that get no lead, or only those that the pods above pass on, because rules above match every lead
 * that they match. The fallback is left alone: to get what the others left is what it is for.
 */
export function findUnreachable(rules: readonly ConditionalRule[]): Report {
  const space = openLeadSpace(conditionsOf(rules));
  const findings: Finding[] = [];
  const notes: string[] = [];
  for (const [at, rule] of rules.entries()) {
    if (rule.kind === "fallback") continue;
    const above = rules
      .slice(0, at)
      .filter(({ conditions }) => space.canMeetBoth(conditions, rule.conditions));
    const ofSamePod = above.filter(({ pod }) => pod.id === rule.pod.id);
    const samePod = findCover(space, rule, ofSamePod);
    const cover = samePod.length > 0 ? samePod : findCover(space, rule, above);
    if (cover === "unknown") {
      notes.push(
        `"${rule.name}" was not compared with the rules above it: there are too many combinations.`,
      );
    } else if (cover.length > 0) {
      findings.push(samePod.length > 0 ? neverReached(rule, cover) : onlyOverflow(rule, cover));
    }
  }
  return { findings, notes };
}

/** The fewest rules above that take every lead this one matches; none if they do not. */
function findCover(
  space: LeadSpace,
  { conditions }: ConditionalRule,
  above: readonly ConditionalRule[],
): readonly ConditionalRule[] | "unknown" {
  const answer = (some: readonly ConditionalRule[]) =>
    space.isCovered(conditions, conditionsOf(some)).answer;
  const single = above.find((one) => answer([one]) === "yes");
  if (single) return [single];
  const together = answer(above);
  if (together === "unknown") return together;
  if (together === "no") return [];
  // Those without which the rest would still do are left out, the lowest first.
  return above.reduceRight<readonly ConditionalRule[]>((kept, one) => {
    const without = kept.filter((other) => other !== one);
    return answer(without) === "yes" ? without : kept;
  }, above);
}

function conditionsOf(rules: readonly ConditionalRule[]) {
  return rules.map(({ conditions }) => conditions);
}

function neverReached(rule: ConditionalRule, cover: readonly ConditionalRule[]): Finding {
  const names = cover.map(({ name }) => name);
  return {
    ...about("error", "never_reached", [...names, rule.name], [rule.pod.id]),
    says: `"${rule.name}" never gets a lead: ${takeAll(names)}, for the same pod (${rule.pod.id}).`,
    advice: `Move "${rule.name}" above ${quoteNames(names)}, send it to another pod, or delete it.`,
  };
}

function onlyOverflow(rule: ConditionalRule, cover: readonly ConditionalRule[]): Finding {
  const pods = [...new Set(cover.map(({ pod }) => pod.id))];
  const names = cover.map(({ name }) => name);
  return {
    ...about("warning", "only_overflow", [...names, rule.name], [...pods, rule.pod.id]),
    says: `"${rule.name}" only gets leads passed on by ${listWords(pods)}: ${takeAll(names)}.`,
    advice: `Leave it if it is meant for overflow; otherwise move it above ${quoteNames(names)}.`,
  };
}

function takeAll(names: readonly string[]): string {
  return names.length === 1
    ? `${quoteNames(names)} above it already matches all of its leads`
    : `${quoteNames(names)} above it together already match all of its leads`;
}

/**
 * Countries that two territories name, where the first takes every lead of the country that the second matches. A territory
 * that is narrower than a later one (Bavaria, then Germany) is how it should be.
 */
export function findSharedCountries(rules: readonly ConditionalRule[]): readonly Finding[] {
  const territories = rules.filter(({ kind }) => kind === "territory");
  const space = openLeadSpace(conditionsOf(territories));
  return territories.flatMap((second, at) => {
    const above = territories.slice(0, at);
    // A territory that lost all of its countries is reported as a rule that cannot be reached.
    if (space.isCovered(second.conditions, conditionsOf(above)).answer === "yes") return [];
    const codes = [second.conditions.countryCode ?? []].flat().filter((code) => code !== "none");
    const wanted = codes.map((countryCode) => ({ ...second.conditions, countryCode }));
    return above.flatMap((first): readonly Finding[] => {
      const shared = wanted.filter(
        (leads) => space.isCovered(leads, [first.conditions]).answer === "yes",
      );
      if (shared.length === 0) return [];
      const names = [first.name, second.name];
      const countries = listWords(shared.map(({ countryCode }) => countryCode));
      return [
        {
          ...about("warning", "shared_country", names, [first.pod.id, second.pod.id]),
          says: `${countries} ${shared.length === 1 ? "is" : "are"} in two territories, ${quoteNames(names)}: the second only sees leads that the first passes on.`,
          advice: `Remove ${countries} from one of them, or make "${first.name}" narrower than "${second.name}".`,
        },
      ];
    });
  });
}

/** A stretch of scores that a rule takes, both ends included. */
interface Band {
  readonly rule: string;
  readonly min: number;
  readonly max: number;
}

/** Scores are told apart to two decimals, as intake rounds them: from 79.99 to 80 there is no hole. */
const FINEST_STEPS = 100;

/**
 * Holes between the bands of rules that look at nothing but the score, below and above them, and leads without a score;
 * and bands that overlap. One such rule alone makes no set of bands. Two `score()` rules that overlap are refused at load.
 */
export function findBandProblems(rules: readonly ConditionalRule[]): readonly Finding[] {
  const scoreRules = rules.filter(({ conditions }) => {
    const [subject, ...others] = listSubjects(conditions);
    return subject?.key === "score" && others.length === 0;
  });
  const bands = scoreRules
    .flatMap(listBands)
    .toSorted((one, other) => one.min - other.min || one.max - other.max);
  if (new Set(bands.map(({ rule }) => rule)).size < 2) return [];
  const fallback = rules.filter(({ kind }) => kind === "fallback").map(({ pod }) => pod.id);
  const gaps = [...listGaps(bands), ...findUnscored(scoreRules)];
  return [
    ...gaps.map(({ rules: names, says, advice }) => ({
      ...about("warning", "score_gap", names, fallback),
      says: `${says} in no band: those no other rule takes go to the fallback (${listWords(fallback)}).`,
      advice,
    })),
    ...listOverlaps(scoreRules),
  ];
}

function listBands({ name, conditions }: ConditionalRule): readonly Band[] {
  const tests = [conditions.score ?? []].flat().filter(isNumeric);
  return tests.map((test) => ({ rule: name, ...endsOf(test) }));
}

/** Leads that no band takes: the rules beside them, and a sentence up to "... are in no band". */
type Gap = Pick<Finding, "rules" | "says" | "advice">;

function listGaps(bands: readonly Band[]): readonly Gap[] {
  const gaps: Gap[] = [];
  let highest: Band | undefined;
  for (const band of bands) {
    if (highest === undefined) gaps.push(...belowAll(band));
    else if (Math.round((band.min - highest.max) * FINEST_STEPS) > 1)
      gaps.push(between(highest, band));
    if (highest === undefined || band.max > highest.max) highest = band;
  }
  return highest === undefined ? gaps : [...gaps, ...aboveAll(highest)];
}

function belowAll({ rule, min }: Band): readonly Gap[] {
  const says = `Scores under ${min} are`;
  const advice = `Leave it if that is intended; otherwise add a band below "${rule}".`;
  return min === -Infinity ? [] : [{ rules: [rule], says, advice }];
}

function aboveAll({ rule, max }: Band): readonly Gap[] {
  const says = `Scores over ${max} are`;
  const advice = `Remove the max of "${rule}", or add a band above it.`;
  return max === Infinity ? [] : [{ rules: [rule], says, advice }];
}

function between(lower: Band, upper: Band): Gap {
  const fractionsOnly = Number.isInteger(lower.max) && upper.min - lower.max === 1;
  return {
    rules: [lower.rule, upper.rule],
    says: `Scores over ${lower.max} and under ${upper.min}, such as ${betweenTwo(lower.max, upper.min)}, are`,
    advice: fractionsOnly
      ? `Leave it if every score is a whole number; otherwise end "${lower.rule}" at max: ${lower.max + 0.99}.`
      : `Extend "${lower.rule}" up to "${upper.rule}", or add a band between them.`,
  };
}

function findUnscored(rules: readonly ConditionalRule[]): readonly Gap[] {
  if (rules.some(({ conditions }) => [conditions.score].flat().includes("none"))) return [];
  return [
    {
      rules: rules.map(({ name }) => name),
      says: "Leads without a score are",
      advice:
        'Leave it if that is intended; otherwise add a band for them: score("unscored", "none", pod).',
    },
  ];
}

function listOverlaps(rules: readonly ConditionalRule[]): readonly Finding[] {
  const space = openLeadSpace(conditionsOf(rules));
  return rules.flatMap((first, at) =>
    rules.slice(at + 1).flatMap((second): readonly Finding[] => {
      // One wholly inside the other is reported as a rule that cannot be reached.
      if (space.isCovered(second.conditions, [first.conditions]).answer === "yes") return [];
      const shared = findShared(first, second);
      if (shared === undefined) return [];
      const names = [first.name, second.name];
      return [
        {
          ...about("warning", "score_overlap", names, [first.pod.id, second.pod.id]),
          says: `${shared} in the bands of both ${quoteNames(names)}: "${first.name}" is tried first.`,
          advice: "Start one band where the other ends.",
        },
      ];
    }),
  );
}

/** "Scores from 80 to 90 are" */
function findShared(first: ConditionalRule, second: ConditionalRule): string | undefined {
  const stretches = listBands(first).flatMap((one) =>
    listBands(second).map((other) => ({
      min: Math.max(one.min, other.min),
      max: Math.min(one.max, other.max),
    })),
  );
  const shared = stretches.find(({ min, max }) => min <= max);
  if (shared === undefined) return undefined;
  const { min, max } = shared;
  if (min === max) return `The score ${min} is`;
  if (min === -Infinity) return `Scores up to ${max} are`;
  return max === Infinity ? `Scores from ${min} up are` : `Scores from ${min} to ${max} are`;
}
