import { count } from "./report-words.ts";
import type { Delta, Example } from "./difference.ts";
import { IN_LINE, NOBODY, type Outcome } from "./outcome.ts";
import type { RecordedStep } from "./record.ts";

// What text and Markdown have in common: rows of words.

/** Name, before, after, difference. */
export function deltaRows(deltas: readonly Delta[]): string[][] {
  return deltas.map(({ name, before, after }) => [
    name,
    count(before),
    count(after),
    signed(after - before),
  ]);
}

function signed(number: number): string {
  if (number === 0) return "=";
  return number > 0 ? `+${count(number)}` : `−${count(-number)}`;
}

/** "enterprise → ana, by hot". */
export function tellOutcome(outcome: Outcome | null): string {
  if (outcome === null) return IN_LINE;
  const { podId, ownerId, rule } = outcome;
  if (ownerId === null) return NOBODY;
  return podId === null ? `${ownerId}, by ${rule}` : `${podId} → ${ownerId}, by ${rule}`;
}

/** The trails of both, a step a row: the same rule on one row as long as both chains have the same order. */
export function trailRows({ before, after }: Example): string[][] {
  const [one, two] = [before?.trail ?? [], after?.trail ?? []];
  const rows: string[][] = [];
  for (let at = 0; at < Math.max(one.length, two.length); at++)
    rows.push([tellStep(one[at]), tellStep(two[at])]);
  return rows;
}

function tellStep(step: RecordedStep | undefined): string {
  if (step === undefined) return "";
  const { rule, outcome, reason, podId, picked, runnerUp } = step;
  if (outcome === "no_match") return `- ${rule}: ${reason}`;
  if (outcome === "no_eligible_rep") return `x ${rule}: ${reason}`;
  const next = runnerUp === undefined ? "" : ` (next: ${runnerUp})`;
  return `✓ ${rule}: ${reason}${podId === undefined ? "" : `; ${podId} → ${picked}${next}`}`;
}
