import { listWords } from "../../rules/explain.ts";

// Why nobody got a lead, in words that do not change with every count: so that like cases fall together.

/** A rule that matched a lead but had nobody for it. */
export interface DeadEnd {
  readonly rule: string;
  readonly podId: string | null;
}

/**
 * Why a decision is `unassigned`: "DACH and fallback matched, nobody in dach and everyone was eligible".
 * @param steps rules tried; 0 = the lead could not be routed at all
 */
export function causeOf(steps: number, deadEnds: readonly DeadEnd[]): string {
  if (steps === 0) return "could not be routed";
  if (deadEnds.length === 0) return "no rule matched";
  const rules = listWords(deadEnds.map(({ rule }) => rule));
  const pods = [...new Set(deadEnds.flatMap(({ podId }) => podId ?? []))];
  return pods.length === 0
    ? `${rules} matched, the owner was not there`
    : `${rules} matched, nobody in ${listWords(pods)} was eligible`;
}
