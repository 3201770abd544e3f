import type { Conditions, Test } from "../../rules/conditions.ts";
import type { Lead } from "../../rules/lead.ts";
import { isAskedFor, sampleValues, type Subject } from "./sample-values.ts";

/** Whether something holds of all leads. `example` is a lead of which it does not. */
export type Answer =
  | { readonly answer: "yes" }
  | { readonly answer: "no"; readonly example: Partial<Lead> }
  /** Too many cases to go through. */
  | { readonly answer: "unknown" };

/** Steps of a comparison before it gives up: far over what a chain of a hundred rules needs, and well under a second. */
const MOST_STEPS = 50_000;

/** A subject with a value for every difference the conditions can see in it. */
interface Axis extends Subject {
  readonly values: readonly unknown[];
}

/** Leads, one set of values an axis: bit n stands for the axis's value n. A lead is in it when every one of its values is. */
type Region = readonly bigint[];

/** Leads as some conditions see them: what differs to none of these is one and the same. */
export interface LeadSpace {
  /**
   * Whether every lead that meets `wanted` meets one of `others` too. Exact, but for sheer numbers: a form field sent several
   * times meets no less than the one value of it that `wanted` asks for, so single values are enough to find an exception.
   */
  isCovered(wanted: Conditions, others: readonly Conditions[]): Answer;
  /** Whether some lead meets both. A form field that was sent several times can meet two tests at once. */
  canMeetBoth(one: Conditions, other: Conditions): boolean;
}

/** @param all every test that will be asked about stands in one of these */
export function openLeadSpace(all: readonly Conditions[]): LeadSpace {
  const axes = listAxes(all);
  const known = new Map<Conditions, Region>();
  const locate = (conditions: Conditions): Region => {
    const region = known.get(conditions) ?? regionOf(axes, conditions);
    known.set(conditions, region);
    return region;
  };
  return {
    isCovered(wanted, others) {
      return findOutside(axes, locate(wanted), others.map(locate));
    },
    canMeetBoth(one, other) {
      const [first, second] = [locate(one), locate(other)];
      return axes.every(({ key }, at) => {
        const [a, b] = [first[at] ?? 0n, second[at] ?? 0n];
        return (a & b) !== 0n || (key === "fields" && a > MISSING && b > MISSING);
      });
    },
  };
}

/** As `LeadSpace.isCovered`, for a question that comes alone. */
export function isCovered(wanted: Conditions, others: readonly Conditions[]): Answer {
  return openLeadSpace([wanted, ...others]).isCovered(wanted, others);
}

/** Leads that none of the first others takes, one search after the other: whoever passes all of them is an exception. */
function findOutside(axes: readonly Axis[], wanted: Region, others: readonly Region[]): Answer {
  const open = [{ region: wanted, passed: 0 }];
  for (let steps = 0; steps < MOST_STEPS; steps++) {
    const next = open.pop();
    if (next === undefined) return { answer: "yes" };
    const other = others[next.passed];
    if (other === undefined) return { answer: "no", example: pickLead(axes, next.region) };
    for (const region of subtract(next.region, other))
      open.push({ region, passed: next.passed + 1 });
  }
  return { answer: "unknown" };
}

/** The subjects of conditions, each with what it may be. */
export function listSubjects({
  fields = {},
  ...ofLead
}: Conditions): readonly (Subject & { readonly tests: readonly Test[] })[] {
  const { countryCode, region, source, companyDomain, company, score } = ofLead;
  const keys = { countryCode, region, source, companyDomain, company, score } as const;
  return [
    ...SUBJECT_KEYS.flatMap((key) => {
      const wanted = keys[key];
      return wanted === undefined ? [] : [{ key, field: null, tests: [wanted].flat() }];
    }),
    ...Object.entries(fields).map(([field, wanted]) => ({
      key: "fields" as const,
      field,
      tests: [wanted].flat(),
    })),
  ];
}

const SUBJECT_KEYS = [
  "countryCode",
  "region",
  "source",
  "companyDomain",
  "company",
  "score",
] as const;

/** The first value of every axis is the missing one. */
const MISSING = 1n;

function listAxes(all: readonly Conditions[]): readonly Axis[] {
  const axes = new Map<string, Subject & { tests: Test[] }>();
  for (const { key, field, tests } of all.flatMap(listSubjects)) {
    const id = `${key} ${field ?? ""}`;
    const axis = axes.get(id);
    if (axis) axis.tests.push(...tests);
    else axes.set(id, { key, field, tests: [...tests] });
  }
  return [...axes.values()].map(({ key, field, tests }) => ({
    key,
    field,
    values: sampleValues({ key, field }, tests),
  }));
}

function regionOf(axes: readonly Axis[], conditions: Conditions): Region {
  const subjects = listSubjects(conditions);
  return axes.map(({ key, field, values }) => {
    const subject = subjects.find((one) => one.key === key && one.field === field);
    return values.reduce<bigint>(
      (set, value, at) =>
        subject === undefined || isAskedFor(value, subject.tests) ? set | (1n << BigInt(at)) : set,
      0n,
    );
  });
}

/** What of a region lies outside another, in pieces that do not overlap. */
function subtract(region: Region, other: Region): Region[] {
  const pieces: Region[] = [];
  let inside = region;
  for (const [at, set] of other.entries()) {
    const mine = inside[at] ?? 0n;
    const outside = mine & ~set;
    if (outside !== 0n) pieces.push(inside.with(at, outside));
    if ((mine & set) === 0n) return pieces;
    inside = inside.with(at, mine & set);
  }
  return pieces;
}

/** A lead of the region; a value that was sent makes a better example than a missing one. */
function pickLead(axes: readonly Axis[], region: Region): Partial<Lead> {
  const fields: Record<string, unknown> = {};
  const lead: Partial<Lead> = { fields };
  for (const [at, { key, field, values }] of axes.entries()) {
    const set = region[at] ?? 0n;
    const value = values.findLast((_value, bit) => ((set >> BigInt(bit)) & 1n) === 1n);
    if (field === null) Object.assign(lead, { [key]: value ?? null });
    else fields[field] = value;
  }
  return lead;
}
