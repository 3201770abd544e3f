import type { Deps } from "../../ports/deps.ts";
import { type Query, rows, transaction } from "../../lib/query.ts";
import { oldestUndecided, type OldestUndecided } from "../../sweep/index.ts";
import { type Alert, type AlertName, ALERTS, ENOUGH_LEADS } from "./alert.ts";
import { countDeadLetters } from "../../record/dead-letters.ts";
import { type AlertState, alertStates, stateOf } from "../../record/alerts.ts";
import type { Chain } from "../../rules/chain.ts";
import { BUCKET_MS, bucketOf, newestRollups, type RollupRow } from "../../record/rollups.ts";
import { countAll, type Histogram, merge, percentile } from "../../record/histogram.ts";
import { readStored, type StoredTally } from "../../record/tally.ts";

/** What one look tells of every alert. */
export interface Look {
  /** In the alert's unit; null = it cannot be told. */
  readonly valueOf: (name: AlertName) => number | null;
  /** As it was kept last. */
  readonly stateOf: (name: AlertName) => AlertState;
}

/** Measures every alert. Reads a bounded number of rows; what is not rolled up yet, a minute's at most, is not seen. */
export async function measureAlerts({
  db,
  chain,
  now,
}: Pick<Deps, "db" | "chain" | "now">): Promise<Look> {
  const at = now();
  const [recent, [undecided], [dead], states] = await transaction(db, [
    recentRollups(at),
    oldestUndecided(at),
    countDeadLetters(at),
    alertStates(),
  ]);
  const leads = await sumRecentLeads(db, chain, recent, at);
  const values: Readonly<Record<AlertName, number | null>> = {
    time_to_assignment: p95Seconds(leads),
    unassigned_share: unassignedShare(leads),
    dead_letters: dead?.count ?? 0,
    oldest_pending: undecided === undefined ? null : secondsWaited(undecided, at),
  };
  return {
    valueOf: (name) => values[name],
    stateOf: (name) => stateOf(states, name),
  };
}

function secondsWaited({ since, isPartial }: OldestUndecided, now: number): number | null {
  if (since !== null) return Math.max(0, (now - since) / 1_000);
  return isPartial === 1 ? null : 0;
}

/** Quarter-hours that count, whatever number of leads they have: the present one and the two before it. */
const ALWAYS = 3;
/** How far back leads are looked for where those have too few, in milliseconds. */
const LONGEST_MS = 7 * 24 * 60 * 60_000;
/** Rows read at a time: few where they are full, and still few reads where they are almost empty. Together, more than a week has. */
const FURTHER = [8, 32, 96, 576] as const;
const PARTS = ["counts", "times"] as const;

/** First decisions of the last half hour, or of the last quarter-hours of a week that have enough of them. */
interface RecentLeads {
  readonly decided: number;
  readonly unassigned: number;
  /** From a lead's arrival to its decision, without the leads of pods that keep them in line. */
  readonly times: Histogram;
}

/** The rows that always count: for the caller's transaction. */
function recentRollups(now: number): Query<RollupRow> {
  const from = bucketOf(now) - (ALWAYS - 1) * BUCKET_MS;
  return newestRollups({ from, to: bucketOf(now) + BUCKET_MS }, ALWAYS, PARTS);
}

/**
 * Sums up the newest quarter-hours until there are enough leads. Reads on only where `recent` has too few: then a week's rows at
 * most, 672, and no more once they are enough.
 * @param recent what `recentRollups` yielded
 */
async function sumRecentLeads(
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
function unassignedShare({ decided, unassigned }: RecentLeads): number | null {
  return decided < ENOUGH_LEADS ? null : unassigned / decided;
}

/** Within how many seconds 95 % of them were decided; null = too few to tell. */
function p95Seconds({ times }: RecentLeads): number | null {
  if (countAll(times) < ENOUGH_LEADS) return null;
  const p95 = percentile(times, 0.95);
  return p95 === null ? null : p95 / 1_000;
}

/** The limit of each alert; null = it is off. */
export type Limits = ReadonlyMap<AlertName, number | null>;

const OFF = "off";

/** Reads the limits from the variables. One that is no limit is said in the log, and the default holds. */
export function readLimits({ secret, log }: Pick<Deps, "secret" | "log">): Limits {
  return new Map(
    ALERTS.map((alert) => {
      const value = secret(alert.variable)?.trim().toLowerCase() ?? null;
      const limit = value === null ? alert.defaultLimit : readLimit(value, alert);
      if (limit !== undefined) return [alert.name, limit];
      log("error", "alert_limit_unreadable", {
        setting: alert.variable,
        limit: alert.defaultLimit,
        cause: `it should be ${OFF} or a number above 0${alert.largestLimit === null ? "" : `, ${alert.largestLimit} at most`}: the default holds`,
      });
      return [alert.name, alert.defaultLimit];
    }),
  );
}

/** The limit that a variable gives; null = off, undefined = it gives none. */
function readLimit(value: string, { largestLimit }: Alert): number | null | undefined {
  if (value === OFF) return null;
  const limit = /^\d+(\.\d+)?$/.test(value) ? Number(value) : Number.NaN;
  return limit > 0 && limit <= (largestLimit ?? Number.MAX_SAFE_INTEGER) ? limit : undefined;
}
