import type { Spread } from "./bench.ts";

/** The median of some rounds, and how far they lie apart. */
export interface Rounds {
  readonly value: number;
  readonly spread: Spread;
}

/** The median of the values, and their spread. Rejects an empty list. */
export function summarise(values: readonly number[]): Rounds {
  const sorted = values.toSorted((a, b) => a - b);
  const [min, max] = [sorted[0], sorted.at(-1)];
  if (min === undefined || max === undefined) throw new Error("no round was measured");
  return { value: quantile(sorted, 0.5), spread: { min, max, rounds: values.length } };
}

/** The smallest of the values, sorted, below or at which so large a part of them lies: nearest rank. */
export function quantile(sorted: readonly number[], part: number): number {
  const value = sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)];
  if (value === undefined) throw new Error("no value was measured");
  return value;
}

/**
 * Measures two contenders in turn, so that whatever else the machine does meets both alike: a warm-up of each, then as many
 * rounds of each, the order turned round every time.
 */
export async function alternate(
  rounds: number,
  subject: () => Promise<number>,
  reference: () => Promise<number>,
): Promise<{ readonly subject: Rounds; readonly reference: Rounds }> {
  await subject();
  await reference();
  const measured: { subject: number[]; reference: number[] } = { subject: [], reference: [] };
  for (let round = 0; round < rounds; round++) {
    const order =
      round % 2 === 0 ? (["subject", "reference"] as const) : (["reference", "subject"] as const);
    for (const which of order)
      measured[which].push(await (which === "subject" ? subject() : reference()));
  }
  return { subject: summarise(measured.subject), reference: summarise(measured.reference) };
}
