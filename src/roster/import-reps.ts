import type { Deps } from "../ports/deps.ts";
import { importRows, type ImportJob, type Imported } from "./import.ts";
import { pushRosters } from "./push-roster.ts";
import { REPS, type RepValues } from "./reps.ts";

export type RepJob = Omit<ImportJob<RepValues & { readonly id: string }>, "table">;

/**
 * Imports reps, then hands every pod of the chain its roster once: also when the import broke off, because rows before that
 * stand, and when it is repeated, because some pod may not have confirmed the first time.
 */
export async function importReps(
  deps: Deps,
  actor: string,
  job: RepJob,
): Promise<{ readonly result: Imported; readonly unconfirmed: readonly string[] }> {
  const push = () =>
    pushRosters(
      deps,
      deps.chain.pods.map(({ id }) => id),
    );
  try {
    const result = await importRows(deps, actor, { ...job, table: REPS });
    return { result, unconfirmed: await push() };
  } catch (error) {
    await push();
    throw error;
  }
}
