import type { Conditions, Range, Test } from "../../rules/conditions.ts";
import { openLeadSpace } from "./condition-algebra.ts";
import type { Finding } from "./finding.ts";
import type { ConditionalRule } from "./rule-conditions.ts";
import { betweenTwo, isNumeric } from "./sample-values.ts";

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
  const scoreRules = rules.filter(({ conditions }) => isScoreAlone(conditions));
  const bands = scoreRules
    .flatMap(listBands)
    .toSorted((one, other) => one.min - other.min || one.max - other.max);
  if (new Set(bands.map(({ rule }) => rule)).size < 2) return [];
  const fallback = rules.find(({ kind }) => kind === "fallback")?.pod.id;
  const gaps = [...listGaps(bands), ...findUnscored(scoreRules)];
  return [
    ...gaps.map(({ says, advice, rules: names }) => ({
      severity: "warning" as const,
      kind: "score_gap" as const,
      rules: names,
      pods: fallback === undefined ? [] : [fallback],
      says: `${says} in no band: what no other rule takes falls to the fallback${fallback === undefined ? "" : ` (${fallback})`}.`,
      advice,
    })),
    ...listOverlaps(scoreRules),
  ];
}

function isScoreAlone({ fields = {}, ...ofLead }: Conditions): boolean {
  return (
    ofLead.score !== undefined &&
    Object.keys(ofLead).length === 1 &&
    Object.keys(fields).length === 0
  );
}

function listBands({ name, conditions }: ConditionalRule): readonly Band[] {
  return testsOf(conditions)
    .filter(isNumeric)
    .map((test) => ({ rule: name, ...endsOf(test) }));
}

function testsOf({ score = [] }: Conditions): readonly Test[] {
  return [score].flat();
}

function endsOf(test: number | Range): { readonly min: number; readonly max: number } {
  return typeof test === "number"
    ? { min: test, max: test }
    : { min: test.min ?? -Infinity, max: test.max ?? Infinity };
}

/** Leads that no band takes. */
interface Gap {
  readonly rules: readonly string[];
  /** Up to "... are in no band". */
  readonly says: string;
  readonly advice: string;
}

function listGaps(bands: readonly Band[]): readonly Gap[] {
  const [lowest] = bands;
  if (lowest === undefined) return [];
  const gaps: Gap[] = lowest.min === -Infinity ? [] : [below(lowest)];
  let highest = lowest;
  for (const band of bands) {
    if (Math.round((band.min - highest.max) * FINEST_STEPS) > 1) gaps.push(between(highest, band));
    if (band.max > highest.max) highest = band;
  }
  return highest.max === Infinity ? gaps : [...gaps, above(highest)];
}

function below({ rule, min }: Band): Gap {
  return {
    rules: [rule],
    says: `Scores under ${min} are`,
    advice: `Leave it if that is meant; else add a band below "${rule}".`,
  };
}

function above({ rule, max }: Band): Gap {
  return {
    rules: [rule],
    says: `Scores over ${max} are`,
    advice: `Leave out the max of "${rule}", or add a band above it.`,
  };
}

function between(lower: Band, upper: Band): Gap {
  const example = betweenTwo(lower.max, upper.min);
  const fractionsOnly = Number.isInteger(lower.max) && upper.min - lower.max === 1;
  return {
    rules: [lower.rule, upper.rule],
    says: `Scores over ${lower.max} and under ${upper.min}, such as ${example}, are`,
    advice: fractionsOnly
      ? `Leave it if every score is a whole number; else end "${lower.rule}" at max: ${lower.max + 0.99}.`
      : `Let "${lower.rule}" reach up to "${upper.rule}", or add a band between them.`,
  };
}

function findUnscored(rules: readonly ConditionalRule[]): readonly Gap[] {
  if (rules.some(({ conditions }) => testsOf(conditions).includes("none"))) return [];
  return [
    {
      rules: rules.map(({ name }) => name),
      says: "Leads without a score are",
      advice:
        'Leave it if that is meant; else add a band for them: score("unscored", "none", pod).',
    },
  ];
}

function listOverlaps(rules: readonly ConditionalRule[]): readonly Finding[] {
  const space = openLeadSpace(rules.map(({ conditions }) => conditions));
  return rules.flatMap((first, at) =>
    rules.slice(at + 1).flatMap((second) => {
      // One wholly inside the other is a rule that cannot be reached, and is told of as such.
      if (space.isCovered(second.conditions, [first.conditions]).answer === "yes") return [];
      const shared = findShared(first, second);
      return shared === null ? [] : [overlap(first, second, shared)];
    }),
  );
}

function findShared(first: ConditionalRule, second: ConditionalRule): string | null {
  for (const one of listBands(first)) {
    for (const other of listBands(second)) {
      const [min, max] = [Math.max(one.min, other.min), Math.min(one.max, other.max)];
      if (min === max) return `The score ${min} is`;
      if (min < max) return `Scores ${describeStretch(min, max)} are`;
    }
  }
  return null;
}

function describeStretch(min: number, max: number): string {
  if (min === -Infinity) return `up to ${max}`;
  return max === Infinity ? `from ${min} up` : `from ${min} to ${max}`;
}

function overlap(first: ConditionalRule, second: ConditionalRule, shared: string): Finding {
  return {
    severity: "warning",
    kind: "score_overlap",
    rules: [first.name, second.name],
    pods: [first.pod.id, second.pod.id],
    says: `${shared} in the bands of both "${first.name}" and "${second.name}": "${first.name}" is asked first.`,
    advice: "Let one band begin where the other ends.",
  };
}
