import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Worker, isMainThread, parentPort, workerData } from "node:worker_threads";
import { BUGS } from "./bugs.ts";
import { huntBug } from "./hunt.ts";
import type { Fault } from "./network.ts";
import { simulate } from "./simulate.ts";

// npm run simulate -- --seed N      one run, with its trace; the same seed, the same run
// npm run simulate -- --runs 10000  many runs on every core, with what went wrong in them
// npm run simulate -- --bugs        how soon each planted bug is caught

/** Runs a thread does before it reports. */
const REPORT_EVERY = 50;
/** Runs after which a planted bug counts as not caught. */
const HUNT_LIMIT = 3000;

/** What some runs came to, added up. */
interface Tally {
  runs: number;
  leads: number;
  happenings: number;
  faults: Partial<Record<Fault, number>>;
  violations: { seed: number; what: string }[];
}

const emptyTally = (): Tally => ({ runs: 0, leads: 0, happenings: 0, faults: {}, violations: [] });

function addTo(sum: Tally, part: Tally): void {
  sum.runs += part.runs;
  sum.leads += part.leads;
  sum.happenings += part.happenings;
  sum.violations.push(...part.violations);
  for (const [fault, n] of Object.entries(part.faults) as [Fault, number][])
    sum.faults[fault] = (sum.faults[fault] ?? 0) + n;
}

async function runSeeds(
  first: number,
  last: number,
  step: number,
  report: (part: Tally) => void,
): Promise<void> {
  let part = emptyTally();
  for (let seed = first; seed <= last; seed += step) {
    const { violations, faults, leads, happenings } = await simulate(seed);
    addTo(part, {
      runs: 1,
      leads,
      happenings,
      faults: Object.fromEntries(faults),
      violations: violations.slice(0, 1).map((what) => ({ seed, what })),
    });
    if (part.runs < REPORT_EVERY) continue;
    report(part);
    part = emptyTally();
  }
  report(part);
}

async function runMany(runs: number, firstSeed: number): Promise<boolean> {
  const started = Date.now();
  const sum = emptyTally();
  const threads = Math.min(availableParallelism(), runs);
  await Promise.all(
    Array.from({ length: threads }, (_, thread) => {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const worker = new Worker(fileURLToPath(import.meta.url), {
        workerData: { first: firstSeed + thread, last: firstSeed + runs - 1, step: threads },
      });
      worker.on("message", (part: Tally) => {
        addTo(sum, part);
        for (const { seed, what } of part.violations)
          console.log(`\n  seed ${seed}: ${what}\n  replay: npm run simulate -- --seed ${seed}`);
        if (process.stderr.isTTY) process.stderr.write(`\r${sum.runs} of ${runs} runs`);
      });
      worker.on("error", reject);
      worker.on("exit", () => resolve());
      return promise;
    }),
  );
  if (process.stderr.isTTY) process.stderr.write("\r");
  const seconds = (Date.now() - started) / 1000;
  console.log(`${sum.runs} runs on ${threads} threads in ${seconds.toFixed(0)} s`);
  console.log(`  leads accepted    ${sum.leads}`);
  console.log(`  happenings        ${sum.happenings}`);
  for (const [fault, n] of Object.entries(sum.faults).toSorted(([a], [b]) => a.localeCompare(b)))
    console.log(`  ${fault.padEnd(17)} ${n}`);
  console.log(`  violations        ${sum.violations.length}`);
  return sum.violations.length === 0 && sum.runs === runs;
}

async function runOne(seed: number): Promise<boolean> {
  const { trace, violations, leads, happenings } = await simulate(seed, { traced: true });
  for (const line of trace) console.log(line);
  console.log(
    `\nseed ${seed}: ${leads} leads, ${happenings} happenings, ${violations.length} violations`,
  );
  for (const what of violations) console.log(`  ${what}`);
  return violations.length === 0;
}

async function runBugs(): Promise<boolean> {
  console.log("left out                                            caught by run   as");
  let caught = 0;
  for (const bug of BUGS) {
    const catching = await huntBug(bug, HUNT_LIMIT);
    if (catching) caught++;
    const run = catching ? String(catching.runs) : `not in ${HUNT_LIMIT}`;
    console.log(`${bug.name.padEnd(50)} ${run.padStart(14)}   ${catching?.violation ?? ""}`);
  }
  console.log(`\n${caught} of ${BUGS.length} planted bugs caught`);
  return caught === BUGS.length;
}

if (isMainThread) {
  const { values } = parseArgs({
    options: {
      seed: { type: "string" },
      runs: { type: "string", default: "1000" },
      from: { type: "string", default: "1" },
      bugs: { type: "boolean", default: false },
    },
  });
  const ok = values.bugs
    ? await runBugs()
    : values.seed === undefined
      ? await runMany(Number(values.runs), Number(values.from))
      : await runOne(Number(values.seed));
  process.exitCode = ok ? 0 : 1;
} else {
  const { first, last, step } = workerData as { first: number; last: number; step: number };
  await runSeeds(first, last, step, (part) => parentPort?.postMessage(part));
}
