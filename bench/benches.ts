import type { Bench } from "./bench.ts";

/** Every bench, in the order in which they run and are shown. Loaded when it is its turn: one that does not load is one that failed. */
export const BENCHES: Readonly<Record<string, () => Promise<Bench>>> = {
  cost: async () => (await import("./cost/cost.ts")).costBench,
  intake: async () => (await import("./intake/intake.ts")).intakeBench,
  routing: async () => (await import("./routing/routing.ts")).routingBench,
  latency: async () => (await import("./latency/latency.ts")).latencyBench,
  chain: async () => (await import("./chain/chain.ts")).chainBench,
  ledger: async () => (await import("./ledger/ledger.ts")).ledgerBench,
  growth: async () => (await import("./growth/growth.ts")).growthBench,
  memory: async () => (await import("./memory/memory.ts")).memoryBench,
  bundle: async () => (await import("./bundle/bundle.ts")).bundleBench,
};
