import { RouterError } from "../lib/failure.ts";
import { type Histogram, merge, type StoredHistogram } from "./histogram.ts";

/** The name under which unnamed sources, and everything beyond a limit, are counted. */
export const OTHER = "(other)";

/** Characters of a source that tell it from the others. */
const LONGEST = 80;

/** An e-mail address, or a number with its country's code: a form may send either as its source. */
const CONTACT = /\S@\S|\+\s?\d/;

/** A lead's source as metrics may name it: cut, and never somebody's address. Null when none was sent. */
export function nameSource(source: string | null): string | null {
  const said = source?.trim() ?? "";
  if (said === "") return null;
  return CONTACT.test(said) ? OTHER : said.slice(0, LONGEST).toWellFormed();
}

/** Different sources a quarter-hour names; leads of any further one count under "(other)". Totals stay exact. */
const MAX_SOURCES = 50;
/** Rows of counts of a quarter-hour that may name a source of their own: with them it stays below 200 kB. */
const MAX_NAMED = 2_000;
/** Rows of counts at which further owners, too, are "(other)": D1 takes 2 MB a value. */
const MAX_COUNTS = 5_000;
/** Different causes of `unassigned` a quarter-hour names. */
const MAX_CAUSES = 50;

/** The three times that are measured. The first and the last look at first decisions only, made by the router. */
export const MEASURES = ["receivedToDecided", "decidedToNotified", "receivedToNotified"] as const;
export type Measure = (typeof MEASURES)[number];

/** What the decisions of one quarter-hour came to, as it is stored. Owner, pod or rule null = the decision has none. */
export interface StoredTally {
  /** Version of this shape. */
  readonly v: 1;
  /** Decisions for which the chain was walked: each tried at least one rule. */
  readonly walks: number;
  /** First decisions of a lead, and later ones. Without an owner they are `unassigned`. */
  readonly counts: readonly CountRow[];
  readonly rules: readonly RuleRow[];
  readonly times: readonly (readonly [
    measure: Measure,
    podId: string | null,
    histogram: StoredHistogram,
  ])[];
  /** `unassigned` decisions by cause. */
  readonly causes: readonly (readonly [cause: string, decisions: number])[];
}

export type CountRow = readonly [
  ownerId: string | null,
  podId: string | null,
  rule: string | null,
  source: string | null,
  first: number,
  later: number,
];

/** How often a rule took a lead, did not match, and matched but had nobody. */
export type RuleRow = readonly [rule: string, took: number, noMatch: number, nobody: number];

/** The same while it is counted: maps by the JSON of what is counted. */
export interface Tally {
  walks: number;
  readonly counts: Map<string, { first: number; later: number }>;
  readonly sources: Set<string>;
  readonly rules: Map<string, { took: number; noMatch: number; nobody: number }>;
  readonly times: Map<string, Histogram>;
  readonly causes: Map<string, number>;
}

export function emptyTally(): Tally {
  return {
    walks: 0,
    counts: new Map(),
    sources: new Set(),
    rules: new Map(),
    times: new Map(),
    causes: new Map(),
  };
}

/** Adds a row of counts, under "(other)" where the quarter-hour already names as much as it may. */
export function addCounts(tally: Tally, row: CountRow): void {
  const [ownerId, podId, rule, source, first, later] = row;
  const { counts, sources } = tally;
  let named = source;
  if (source !== null && !sources.has(source) && sources.size >= MAX_SOURCES) named = OTHER;
  let key = JSON.stringify([ownerId, podId, rule, named]);
  if (!counts.has(key) && counts.size >= MAX_NAMED) {
    named = OTHER;
    const owner = counts.size >= MAX_COUNTS && ownerId !== null ? OTHER : ownerId;
    key = JSON.stringify([owner, podId, rule, named]);
  }
  if (named !== null && named !== OTHER) sources.add(named);
  const before = counts.get(key) ?? { first: 0, later: 0 };
  counts.set(key, { first: before.first + first, later: before.later + later });
}

export function addRule(tally: Tally, [rule, took, noMatch, nobody]: RuleRow): void {
  const before = tally.rules.get(rule) ?? { took: 0, noMatch: 0, nobody: 0 };
  tally.rules.set(rule, {
    took: before.took + took,
    noMatch: before.noMatch + noMatch,
    nobody: before.nobody + nobody,
  });
}

/** The histogram of a measure in a pod, to be added to; null = decisions that rest on no pod. */
export function timesOf(tally: Tally, measure: Measure, podId: string | null): Histogram {
  const key = JSON.stringify([measure, podId]);
  const known = tally.times.get(key);
  if (known !== undefined) return known;
  const histogram: Histogram = new Map();
  tally.times.set(key, histogram);
  return histogram;
}

export function addCause(tally: Tally, cause: string, decisions: number): void {
  const { causes } = tally;
  const named = causes.has(cause) || causes.size < MAX_CAUSES ? cause : OTHER;
  causes.set(named, (causes.get(named) ?? 0) + decisions);
}

/** Adds what was stored of the same quarter-hour. */
export function addStored(tally: Tally, stored: StoredTally): void {
  tally.walks += stored.walks;
  for (const row of stored.counts) addCounts(tally, row);
  for (const row of stored.rules) addRule(tally, row);
  for (const [measure, podId, histogram] of stored.times)
    merge(timesOf(tally, measure, podId), histogram);
  for (const [cause, decisions] of stored.causes) addCause(tally, cause, decisions);
}

/**
 * What was stored of a quarter-hour, and on top of it what was counted since: what is named there already stays named, and
 * a flood of made-up sources cannot push it out.
 */
export function addOnto(stored: StoredTally, since: Tally): Tally {
  const sum = emptyTally();
  addStored(sum, stored);
  addStored(sum, toStored(since));
  return sum;
}

export function toStored({ walks, counts, rules, times, causes }: Tally): StoredTally {
  return {
    v: 1,
    walks,
    counts: Array.from(counts, ([key, { first, later }]): CountRow => {
      const [ownerId, podId, rule, source] = JSON.parse(key);
      return [ownerId, podId, rule, source, first, later];
    }),
    rules: Array.from(rules, ([rule, { took, noMatch, nobody }]): RuleRow => [
      rule,
      took,
      noMatch,
      nobody,
    ]),
    times: Array.from(times, ([key, histogram]) => {
      const [measure, podId] = JSON.parse(key);
      return [measure, podId, [...histogram]] as const;
    }),
    causes: [...causes],
  };
}

/**
 * What a stored row holds; parts that were not asked for are empty.
 * @throws {RouterError} when it was written by a later version of the router
 */
export function readStored(data: string): StoredTally {
  const stored: Partial<Omit<StoredTally, "v">> & { readonly v: number } = JSON.parse(data);
  if (stored.v !== 1) throw new RouterError(`a rollup of version ${stored.v} cannot be read`);
  return { walks: 0, counts: [], rules: [], times: [], causes: [], ...stored, v: 1 };
}
