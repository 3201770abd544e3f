import { makeAccounts, makeHistory, TEAM, type History } from "./history.ts";
import type { GrowthWorker } from "./open-worker.ts";

/** How much is stored before something is measured. */
export interface Size {
  readonly leads: number;
  readonly accounts: number;
}

/** Each has a database of its own: what was measured at one is no part of the next. */
export const SIZES = {
  small: { leads: 1_000, accounts: 1_000 },
  manyAccounts: { leads: 1_000, accounts: 1_000_000 },
  manyLeads: { leads: 100_000, accounts: 1_000 },
  large: { leads: 1_000_000, accounts: 1_000_000 },
} as const satisfies Record<string, Size>;

/** Runs of the cron that make up for what the history leaves to it. */
const MOST_RUNS = 60;

/** Fills an empty database as if the router had worked for as long: what is measured finds nothing left to be made up for. */
export async function fillDatabase(
  worker: GrowthWorker,
  { leads, accounts }: Size,
  now: number,
): Promise<History> {
  const { db } = worker;
  const run = async (statements: readonly string[]) => {
    for (const statement of statements) await db.prepare(statement).run();
  };

  const history = makeHistory(leads, now);
  await run(TEAM);
  await run(makeAccounts(accounts));
  // What keeps a row from being written over doubles the time, and here no row is there twice.
  const { results: kept } = await db
    .prepare(
      "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE '%keep_first'",
    )
    .all<{ name: string; sql: string }>();
  await run(kept.map(({ name }) => `DROP TRIGGER ${name}`));
  await run(history.leads);
  await run(history.digests);
  await run(kept.map(({ sql }) => sql));
  await run([
    `UPDATE marks SET value = '${history.idOf(0)}' WHERE name = 'sweep'`,
    `UPDATE marks SET value = '${history.rolledUpTo}' WHERE name = 'rollup'`,
  ]);
  // The cron counts some 10,000 rows of the audit a run, and closes days.
  let runs = 0;
  while ((await worker.cron()).d1RowsWritten > 0)
    if (++runs > MOST_RUNS) throw new Error(`the cron is not done after ${MOST_RUNS} runs`);
  await run([history.olderRollups]);
  return history;
}
