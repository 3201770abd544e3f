import type { Range } from "../../record/rollups.ts";
import { collect, type Counted } from "./collect.ts";
import { judgeSilence, type Silence } from "./silence.ts";
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
