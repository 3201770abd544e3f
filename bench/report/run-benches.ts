import type { Bench } from "../bench.ts";
import type { Result } from "./report.ts";

/** Runs benches one after the other, and says how far they are. One that throws has failed, and the others still run. */
export async function runBenches(
  names: readonly string[],
  benches: Readonly<Record<string, () => Promise<Bench>>>,
  print: (line: string) => void,
): Promise<Result[]> {
  const results: Result[] = [];
  for (const name of names) {
    const startedAt = performance.now();
    const elapsed = () => (performance.now() - startedAt) / 1000;
    const say = (line: string) => print(`${elapsed().toFixed(0).padStart(4)} s  ${name}: ${line}`);
    try {
      const bench = await benches[name]?.();
      if (bench === undefined) throw new Error(`there is no bench ${name}`);
      const section = await bench.run(say);
      results.push({ name, seconds: elapsed(), section });
      say("done");
    } catch (error) {
      say(`FAILED: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      const failure = error instanceof Error ? error.message : String(error);
      results.push({ name, seconds: elapsed(), failure });
    }
  }
  return results;
}
