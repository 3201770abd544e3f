import type { Chain } from "../../rules/chain.ts";
import { BUCKET_MS, bucketOf, newestRollups, type RollupRow } from "../../record/rollups.ts";
import { countAll, merge, percentile, type Histogram } from "../../record/histogram.ts";
import { readStored, type StoredTally } from "../../record/tally.ts";
import { rows, type Query } from "../../lib/query.ts";
import { ENOUGH_LEADS } from "./alert.ts";

/** Quarter-hours that count, whatever number of leads they have: the present one and the two before it. */
const ALWAYS = 3;
/** How far back leads are looked for where those have too few, in milliseconds. */
const LONGEST_MS = 7 * 24 * 60 * 60_000;
/** Rows read at a time: few where they are full, and still few reads where they are almost empty. Together, more than a week has. */
const FURTHER = [8, 32, 96, 576] as const;
const PARTS = ["counts", "times"] as const;

/** First decisions of the last half hour, or of the last quarter-hours of a week that have enough of them. */
export interface RecentLeads {
  readonly decided: number;
  readonly unassigned: number;
  /** From a lead's arrival to its decision, without the leads of pods that keep them in line. */
  readonly times: Histogram;
}

/** The rows that always count: for the caller's transaction. */
export function recentRollups(now: number): Query<RollupRow> {
  const from = bucketOf(now) - (ALWAYS - 1) * BUCKET_MS;
  return newestRollups({ from, to: bucketOf(now) + BUCKET_MS }, ALWAYS, PARTS);
}

/**
 * Sums up the newest quarter-hours until there are enough leads. Reads on only where `recent` has too few: then a week's rows at
 * most, 672, and no more once they are enough.
 * @param recent what `recentRollups` yielded
 */
export async function sumRecentLeads(
  db: D1Database,
  chain: Chain,
  recent: readonly RollupRow[],
  now: number,
): Promise<RecentLeads> {
  const patient = new Set(
    chain.pods.flatMap(({ id, settings }) => (settings.whenNobody === "wait" ? [id] : [])),
  );
  let sum: RecentLeads = { decided: 0, unassigned: 0, times: new Map() };
  for (const { data } of recent) sum = addTally(sum, readStored(data), patient);
  let to = bucketOf(now) - (ALWAYS - 1) * BUCKET_MS;
  const from = bucketOf(now - LONGEST_MS);
  for (const limit of FURTHER) {
    if (sum.decided >= ENOUGH_LEADS) return sum;
    const page = await rows(db, newestRollups({ from, to }, limit, PARTS));
    for (const { bucket, data } of page) {
      if (sum.decided >= ENOUGH_LEADS) return sum;
      sum = addTally(sum, readStored(data), patient);
      to = bucket;
    }
    if (page.length < limit) return sum;
  }
  return sum;
}

function addTally(
  { decided, unassigned, times }: RecentLeads,
  tally: StoredTally,
  patient: ReadonlySet<string>,
): RecentLeads {
  let [all, nobodys] = [decided, unassigned];
  for (const [ownerId, , , , first] of tally.counts) {
    all += first;
    if (ownerId === null) nobodys += first;
  }
  for (const [measure, podId, histogram] of tally.times)
    if (measure === "receivedToDecided" && !(podId !== null && patient.has(podId)))
      merge(times, histogram);
  return { decided: all, unassigned: nobodys, times };
}

/** The share of them that nobody got, 0 to 1; null = too few to tell. */
export function unassignedShare({ decided, unassigned }: RecentLeads): number | null {
  return decided < ENOUGH_LEADS ? null : unassigned / decided;
}

/** Within how many seconds 95 % of them were decided; null = too few to tell. */
export function p95Seconds({ times }: RecentLeads): number | null {
  if (countAll(times) < ENOUGH_LEADS) return null;
  const p95 = percentile(times, 0.95);
  return p95 === null ? null : p95 / 1_000;
}
