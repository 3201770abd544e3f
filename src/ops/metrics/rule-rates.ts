import type { Range } from "../../record/rollups.ts";
import { collect, type Counted } from "./collect.ts";
import type { RuleRow } from "../../record/tally.ts";

/** How often a rule was tried and what it said. It matched whenever its conditions held, whether or not somebody was there. */
export interface Tries {
  readonly tried: number;
  readonly matched: number;
  /** Of those matched: nobody was eligible, and the lead went on. */
  readonly nobody: number;
}

/** A rule's record over a range. Instants are milliseconds: of the quarter-hour in which it happened, its start. */
export interface RuleRecord extends Tries {
  readonly rule: string;
  readonly lastTriedAt: number | null;
  readonly lastMatchedAt: number | null;
  /** Since the last match, by the tries since. */
  readonly matches: Silence & { readonly since: number };
  /** Since the last try, by the leads routed since. */
  readonly tries: Silence & { readonly since: number };
  /** By the start of each period in which it was tried, ascending. */
  readonly series: readonly (Tries & { readonly at: number })[];
}

export interface RuleRates extends Counted {
  /** Decisions for which the chain was walked. */
  readonly routed: number;
  readonly rules: ReadonlyMap<string, RuleRecord>;
}

interface Running {
  total: Tries;
  lastTriedAt: number | null;
  lastMatchedAt: number | null;
  routedSinceTried: number;
  triedSinceMatched: number;
  readonly series: Map<number, Tries>;
}

interface Sum {
  routed: number;
  readonly rules: Map<string, Running>;
}

const NONE: Tries = { tried: 0, matched: 0, nobody: 0 };

/** The record of every rule that was tried in the range. */
export async function rateRules(
  db: D1Database,
  range: Range,
  periodOf: (instant: number) => number,
): Promise<RuleRates> {
  const start = (): Sum => ({ routed: 0, rules: new Map() });
  const { sum, upTo, complete } = await collect(
    db,
    range,
    ["walks", "rules"],
    start,
    (into, bucket, tally) => {
      for (const row of tally.rules) addTries(into, row, bucket, periodOf(bucket));
      into.routed += tally.walks;
    },
  );
  const rules = [...sum.rules].map(([rule, running]) => {
    return [rule, closeRecord(rule, running, sum.routed)] as const;
  });
  return { routed: sum.routed, rules: new Map(rules), upTo, complete };
}

/** Quarter-hours come newest first: until a rule's first match is met, its tries are those since its last match. */
function addTries(
  sum: Sum,
  [rule, took, noMatch, nobody]: RuleRow,
  bucket: number,
  period: number,
): void {
  const running = sum.rules.get(rule) ?? startRule();
  sum.rules.set(rule, running);
  const here = { tried: took + noMatch + nobody, matched: took + nobody, nobody };
  if (running.lastTriedAt === null) {
    running.lastTriedAt = bucket;
    running.routedSinceTried = sum.routed;
  }
  if (running.lastMatchedAt === null) {
    if (here.matched > 0) running.lastMatchedAt = bucket;
    else running.triedSinceMatched += here.tried;
  }
  running.total = add(running.total, here);
  running.series.set(period, add(running.series.get(period) ?? NONE, here));
}

function startRule(): Running {
  return {
    total: NONE,
    lastTriedAt: null,
    lastMatchedAt: null,
    routedSinceTried: 0,
    triedSinceMatched: 0,
    series: new Map(),
  };
}

function closeRecord(rule: string, running: Running, routed: number): RuleRecord {
  const { total, lastTriedAt, lastMatchedAt, routedSinceTried, triedSinceMatched } = running;
  const matches = judgeSilence(total.matched, total.tried - triedSinceMatched, triedSinceMatched);
  const tries = judgeSilence(total.tried, routed - routedSinceTried, routedSinceTried);
  return {
    rule,
    ...total,
    lastTriedAt,
    lastMatchedAt,
    matches: { ...matches, since: triedSinceMatched },
    tries: { ...tries, since: routedSinceTried },
    series: Array.from(running.series, ([at, here]) => ({ at, ...here })).toReversed(),
  };
}

function add(one: Tries, other: Tries): Tries {
  return {
    tried: one.tried + other.tried,
    matched: one.matched + other.matched,
    nobody: one.nobody + other.nobody,
  };
}

/** Occurrences that should have come, at the rate there was before, before their absence means anything. */
const ENOUGH_EXPECTED = 5;
/** How likely a mere coincidence may be: one in a hundred. */
const LIKELY = 0.01;

/** What was to be expected since something happened last, and whether its absence is no coincidence. */
export interface Silence {
  /** Occurrences to be expected since the last one, at the rate up to it. */
  readonly expected: number;
  /** Whether it has stopped happening. */
  readonly stopped: boolean;
}

/**
 * Whether something that happened in some of the tries has stopped happening. Two tests, both to be failed: at the
 * rate it had, at least five occurrences were to be expected since (by Poisson, none at all then has a chance of e^-5, 0.7 %); and,
 * because a rate that rests on few occurrences is no more than a guess, were the occurrences spread by chance over all
 * the tries, all of them would come as early as they did in less than one case of a hundred.
 * @param happened occurrences, all of them within `tries`
 * @param tries tries up to the last occurrence
 * @param since tries since then, all in vain
 */
export function judgeSilence(happened: number, tries: number, since: number): Silence {
  if (happened === 0 || tries === 0) return { expected: 0, stopped: false };
  const expected = (happened / tries) * since;
  const coincidence = (tries / (tries + since)) ** happened;
  return { expected, stopped: expected >= ENOUGH_EXPECTED && coincidence < LIKELY };
}

/** What a rule's record comes to, in a sentence; null where it is as it was. */
export function explainRecord(record: RuleRecord, inChain: boolean, routed: number): string | null {
  const { tried, matched, lastTriedAt, lastMatchedAt, matches, tries } = record;
  if (!inChain)
    return `It is no longer in the chain. It was tried on ${leads(tried)} of this range and matched ${matched}.`;
  if (tried === 0)
    return routed === 0
      ? "No lead was routed in this range."
      : `It was tried on 0 of ${leads(routed)} in this range: the rules before it took every one.`;
  if (tries.stopped && lastTriedAt !== null)
    return (
      `It is no longer tried: not since the quarter-hour from ${iso(lastTriedAt)}. Of the ${leads(tries.since)} routed ` +
      `since, ${round(tries.expected)} would have come to it at the rate there was before: a rule before it takes them.`
    );
  if (matches.stopped && lastMatchedAt !== null)
    return (
      `It has stopped matching: it matched ${matched} of ${leads(tried - matches.since)}, last in the quarter-hour from ` +
      `${iso(lastMatchedAt)}. Of the ${leads(matches.since)} it was tried on since, ${round(matches.expected)} would have ` +
      `matched at that rate, and none did.`
    );
  if (matched === 0)
    return `It matched none of the ${leads(tried)} it was tried on in this range: a longer one tells whether it did before.`;
  return null;
}

function leads(count: number): string {
  return count === 1 ? "1 lead" : `${count} leads`;
}

function iso(instant: number): string {
  return new Date(instant).toISOString();
}

/** One decimal: what is to be expected is an estimate. */
function round(expected: number): number {
  return Math.round(expected * 10) / 10;
}
