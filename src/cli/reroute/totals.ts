import { z } from "zod";

/** What of an answer of `POST /api/route` is counted. */
export const stepAnswer = z.object({
  bulk: z.string(),
  byOwner: z.record(z.string(), z.number()),
  byRule: z.record(z.string(), z.number()),
  leftAlone: z.array(z.object({ leadId: z.string(), why: z.string() })),
  nextCursor: z.string().nullable(),
});
export type StepAnswer = z.infer<typeof stepAnswer>;

/** The steps of a bulk, added up: leads by name. */
export interface Totals {
  readonly byOwner: Map<string, number>;
  readonly byRule: Map<string, number>;
  readonly leftAlone: Map<string, number>;
}

export function noTotals(): Totals {
  return { byOwner: new Map(), byRule: new Map(), leftAlone: new Map() };
}

/** Adds a step. Changes `totals`. */
export function addStep(totals: Totals, step: StepAnswer): void {
  for (const [owner, count] of Object.entries(step.byOwner)) add(totals.byOwner, owner, count);
  for (const [rule, count] of Object.entries(step.byRule)) add(totals.byRule, rule, count);
  for (const { why } of step.leftAlone) add(totals.leftAlone, why, 1);
}

export function countLeads(totals: Totals): number {
  return [...totals.byOwner.values()].reduce((sum, count) => sum + count, 0);
}

/** "bo 12, cy 3, nobody 1", the most first. */
export function listCounts(counts: ReadonlyMap<string, number>): string {
  return [...counts]
    .toSorted(([, one], [, other]) => other - one)
    .map(([name, count]) => `${name} ${count}`)
    .join(", ");
}

function add(counts: Map<string, number>, name: string, count: number): void {
  counts.set(name, (counts.get(name) ?? 0) + count);
}
