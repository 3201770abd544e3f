import type { Deps } from "../ports/deps.ts";

/** The variable that says how many days leads and audit rows stay in the database; unset = for ever. */
export const RETENTION_DAYS = "RETENTION_DAYS";
/**
 * The fewest days: a queue keeps a spilled lead for 14 days, the quarantine a submission for 30, and neither may come back as new once
 * its first decision is gone.
 */
const LEAST_DAYS = 30;
/** A century: more is a slip. */
const MOST_DAYS = 36_525;

/** How long rows stay in the database. */
export type Retention =
  | { readonly outcome: "for_ever" }
  | { readonly outcome: "days"; readonly days: number }
  /** The variable is no number of days that can be kept to: nothing is removed. */
  | { readonly outcome: "refused"; readonly problem: string };

export function readRetention({ secret }: Pick<Deps, "secret">): Retention {
  const value = secret(RETENTION_DAYS);
  if (value === null) return { outcome: "for_ever" };
  const days = Number(value);
  if (/^\d+$/.test(value) && days >= LEAST_DAYS && days <= MOST_DAYS)
    return { outcome: "days", days };
  const problem = `${RETENTION_DAYS} should be a whole number from ${LEAST_DAYS} to ${MOST_DAYS}: nothing is removed`;
  return { outcome: "refused", problem };
}
