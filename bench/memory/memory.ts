import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Bench, Figure } from "../bench.ts";

const BATCH = join(import.meta.dirname, "batch.ts");
const MIB = 1024 * 1024;
/** What an isolate of Workers may use (Workers limits), and what is to be left of it. */
const LIMIT_MIB = 128;
const TARGET_MIB = 96;
/** Heaps that are tried, in MiB. */
const HEAPS = Array.from({ length: LIMIT_MIB / 4 }, (_, n) => 4 * (n + 1));
/** Of the young generation, which V8 counts apart. */
const YOUNG_MIB = 1;
const RUN = promisify(execFile);

/** The heap that a pass over a batch of large leads needs. */
export const memoryBench: Bench = {
  name: "memory",
  async run(progress) {
    const figures: Figure[] = [];
    for (const how of ["spilled", "stored"] as const) {
      progress(`100 leads of 100 kB, ${how}: how little is enough`);
      const heap = await findSmallestHeap(how);
      figures.push({
        name: `smallest heap in which the pass ends, 100 leads of 100 kB ${how}`,
        unit: "MiB",
        value: heap,
        spread: null,
        target: { of: "value", at: "most", limit: TARGET_MIB },
      });
      progress(`100 leads of 100 kB, ${how}: what is alive`);
      figures.push({
        name: `most that is alive at a call to D1, ${how}`,
        unit: "MiB",
        value: (await runBatch(how, ["--expose-gc"])) / MIB,
        spread: null,
        target: { of: "value", at: "most", limit: TARGET_MIB },
      });
    }
    return {
      title: "Memory of a pass",
      intro: `The real consumer takes one batch of 100 leads of 100 kB each, in a process of its own: once spilled (each message carries its lead), once stored (D1 answers with them). The heap is the smallest --max-old-space-size in which it ends, in steps of 4 MiB, with a young generation of ${YOUNG_MIB} MiB beside it; what is alive is measured after a garbage collection before and after every call to D1.`,
      figures,
      limits: [
        "Included: the messages, the facts, the statements' parameters and answers, the pod itself, and Node with the router's code (some 10 MiB). Not included: SQLite's own memory, which in production is another machine's; and the one text into which D1's client in workerd puts the statements of a call, or reads an answer before it parses it: about the batch's 10 MB once more, one at a time. That is what the target leaves room for.",
        `An isolate of Workers has ${LIMIT_MIB} MB and may serve several requests at once: what is left of it is for those. A queue's message takes 128 kB and a batch 100 of them, so that this is about the worst there is. Should leads so large be common, max_batch_size in wrangler.toml halves it.`,
      ],
    };
  },
};

/** By halves: a pass that ends in some heap ends in every larger one. Rejects when not even the whole limit is enough. */
async function findSmallestHeap(how: string): Promise<number> {
  let [low, high] = [0, HEAPS.length - 1];
  await runBatch(how, heapOf(LIMIT_MIB));
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const heap = HEAPS[middle] ?? LIMIT_MIB;
    const enough = await runBatch(how, heapOf(heap)).then(
      () => true,
      (error: unknown) => {
        if (!ranOutOfMemory(error)) throw error;
        return false;
      },
    );
    if (enough) high = middle;
    else low = middle + 1;
  }
  return HEAPS[low] ?? LIMIT_MIB;
}

function heapOf(mib: number): readonly string[] {
  return [`--max-old-space-size=${mib}`, `--max-semi-space-size=${YOUNG_MIB}`];
}

/** Runs batch.ts in a process of its own. Yields what it prints. */
async function runBatch(how: string, flags: readonly string[]): Promise<number> {
  const { stdout } = await RUN(process.execPath, [...flags, BATCH, how]);
  return Number(stdout);
}

function ranOutOfMemory(error: unknown): boolean {
  return (
    error instanceof Error &&
    "stderr" in error &&
    String(error.stderr).includes("JavaScript heap out of memory")
  );
}
