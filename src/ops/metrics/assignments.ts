import type { Range } from "../../record/rollups.ts";
import { collect, type Counted, daysOf } from "./collect.ts";
import type { Pod } from "../../rules/pod.ts";
import type { Deps } from "../../ports/deps.ts";
import { classifyFailure } from "../../lib/failure.ts";

/** What decisions can be counted by. */
export const DIMENSIONS = ["day", "rep", "pod", "rule", "source", "outcome"] as const;
export type Dimension = (typeof DIMENSIONS)[number];

/** Groups an answer names: 92 days of a hundred reps fit. */
export const MAX_GROUPS = 10_000;

/** Decisions: the first of their lead, and later ones. */
export interface Decided {
  readonly first: number;
  readonly later: number;
}

/** What decisions have in common, by the dimensions asked for; null = they have none. */
type Values = Readonly<Partial<Record<Dimension, string | null>>>;

interface Group extends Decided {
  readonly values: Values;
}

export interface Assignments extends Counted {
  /** Sorted by their values, in the order of the dimensions asked for. */
  readonly groups: readonly Group[];
  /** Decisions of further groups: the oldest, when there were more than `MAX_GROUPS`. */
  readonly rest: Decided;
  readonly total: Decided;
}

interface Sum {
  readonly groups: Map<string, Decided>;
  rest: Decided;
  total: Decided;
}

const NONE: Decided = { first: 0, later: 0 };

/** Counts the decisions of a range by some of their dimensions; days are those of the zone. */
export async function countAssignments(
  db: D1Database,
  range: Range,
  by: readonly Dimension[],
  zone: string,
): Promise<Assignments> {
  const dayOf = daysOf(zone, range);
  const start = (): Sum => ({ groups: new Map(), rest: NONE, total: NONE });
  const { sum, upTo, complete } = await collect(
    db,
    range,
    ["counts"],
    start,
    (into, bucket, tally) => {
      const day = dayOf(bucket).date;
      for (const [rep, pod, rule, source, first, later] of tally.counts) {
        const outcome = rep === null ? "unassigned" : "assigned";
        const values = { day, rep, pod, rule, source, outcome };
        addTo(into, JSON.stringify(by.map((dimension) => values[dimension])), { first, later });
      }
    },
  );
  const groups = Array.from(sum.groups, ([key, decided]): Group => {
    const values: readonly (string | null)[] = JSON.parse(key);
    const named = by.map((dimension, at) => [dimension, values[at] ?? null] as const);
    return { values: Object.fromEntries(named), ...decided };
  });
  return {
    groups: groups.toSorted((a, b) => compareValues(by, a.values, b.values)),
    rest: sum.rest,
    total: sum.total,
    upTo,
    complete,
  };
}

function addTo(sum: Sum, key: string, decided: Decided): void {
  sum.total = add(sum.total, decided);
  const known = sum.groups.get(key);
  if (known === undefined && sum.groups.size >= MAX_GROUPS) sum.rest = add(sum.rest, decided);
  else sum.groups.set(key, add(known ?? NONE, decided));
}

function add(one: Decided, other: Decided): Decided {
  return { first: one.first + other.first, later: one.later + other.later };
}

/** By the first value that differs; what has none comes last. */
function compareValues(by: readonly Dimension[], one: Values, other: Values): number {
  for (const dimension of by) {
    const [value, against] = [one[dimension] ?? null, other[dimension] ?? null];
    if (value === against) continue;
    if (value === null) return 1;
    return against === null || value < against ? -1 : 1;
  }
  return 0;
}

/** A pod in which somebody could take a lead now. */
export interface Capacity {
  readonly pod: Pod;
  /** Members who are eligible. */
  readonly eligible: number;
}

/** The pods of the chain in which somebody is eligible, most of them first. One that does not answer counts as having nobody. */
export async function findCapacity({
  chain,
  pod: portOf,
  log,
}: Pick<Deps, "chain" | "pod" | "log">): Promise<readonly Capacity[]> {
  const asked = await Promise.all(
    chain.pods.map(async (pod): Promise<Capacity> => {
      try {
        const { members } = await portOf(pod.id).snapshot();
        const eligible = members.filter(({ eligibility }) => eligibility === "eligible");
        return { pod, eligible: eligible.length };
      } catch (error) {
        log("warn", "pod_not_asked", { pod: pod.id, failure: classifyFailure(error) });
        return { pod, eligible: 0 };
      }
    }),
  );
  return asked.filter(({ eligible }) => eligible > 0).toSorted((a, b) => b.eligible - a.eligible);
}
