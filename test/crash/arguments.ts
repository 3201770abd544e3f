import { parseArgs } from "node:util";

export const USAGE = `npm run crash              ten kills at random moments
npm run crash -- SEED      the same leads and the same moments again`;

/** The seed of the run, a whole number from 0 to 2³² − 1; null = the usage is asked for. */
export function readSeed(args: readonly string[], random: () => number): number | null {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { help: { type: "boolean", short: "h", default: false } },
  });
  if (values.help) return null;
  const [given, ...more] = positionals;
  if (given === undefined) return Math.floor(random() * 1_000_000);
  const seed = Number(given);
  if (more.length > 0 || !/^\d{1,10}$/.test(given) || seed >= 2 ** 32)
    throw new Error(`the seed should be one whole number below 2^32\n\n${USAGE}`);
  return seed;
}
