import type { Deps } from "../../ports/deps.ts";
import { transaction } from "../../lib/query.ts";
import { oldestUndecided, type OldestUndecided } from "../../sweep/index.ts";
import type { AlertName } from "./alert.ts";
import { countDeadLetters } from "../../record/dead-letters.ts";
import { p95Seconds, recentRollups, sumRecentLeads, unassignedShare } from "./recent-leads.ts";
import { alertStates, stateOf } from "./states.ts";
import type { AlertState } from "./step.ts";

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
