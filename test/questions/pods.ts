import type { Chain } from "../../src/rules/chain.ts";
import type { Deps } from "../../src/ports/deps.ts";
import { findEvidence } from "../../src/pod/settlement.ts";
import { PodCore } from "../../src/pod/pod.ts";
import type { PodPort } from "../../src/ports/pod.ts";
import type { PodChange } from "../../src/pod/storage.ts";
import { MemoryPodStorage } from "../pod/memory-storage.ts";

/** What the pods need from the router. */
interface PodSurroundings {
  readonly db: D1Database;
  readonly now: () => number;
  /** Runs something at an instant, in milliseconds since the epoch. */
  readonly plan: (at: number, run: () => Promise<void>) => void;
}

/** A pod's storage that reports when its alarm is set. */
class WatchedStorage extends MemoryPodStorage {
  readonly #onAlarm: (at: number) => void;

  constructor(onAlarm: (at: number) => void) {
    super();
    this.#onAlarm = onAlarm;
  }

  override write(change: PodChange): void {
    super.write(change);
    if (change.alarmAt !== undefined) this.#onAlarm(change.alarmAt);
  }
}

/**
 * A real pod for every pod of the chain. Its alarms settle claims against D1, as its Durable Object's would. Pods in `away` do
 * not answer.
 */
export function openPods(
  { pods }: Chain,
  { db, now, plan }: PodSurroundings,
  away: ReadonlySet<string>,
): Deps["pod"] {
  const cores = new Map(
    pods.map((pod) => {
      const storage = new WatchedStorage((at) =>
        plan(at, async () => {
          if (storage.alarmAt !== at) return;
          storage.alarmAt = null;
          await core.settleHeld();
        }),
      );
      const core = new PodCore(
        pod,
        storage,
        now,
        (podId, claims, waiting) => findEvidence(db, podId, claims, waiting, now()),
        null,
      );
      return [pod.id, core] as const;
    }),
  );
  return (podId) => portOf(cores.get(podId), () => away.has(podId));
}

/** A pod as its callers see it: values are copied, as RPC does. */
function portOf(core: PodCore | undefined, isAway: () => boolean): PodPort {
  const call = async <Result>(step: (core: PodCore) => Result): Promise<Result> => {
    if (isAway() || core === undefined) throw new Error("Network connection lost.");
    return structuredClone(step(core));
  };
  return {
    claim: (request) => call((pod) => pod.claim(structuredClone(request))),
    catchUp: () => Promise.reject(new Error("nothing is restored here")),
    accept: (roster) => call((pod) => pod.accept(structuredClone(roster))),
    giveBack: (seqs) => call((pod) => pod.giveBack(seqs)),
    release: (seqs) => call((pod) => pod.release(seqs)),
    debit: (debits) => call((pod) => pod.debit(debits)),
    preview: (request) => call((pod) => pod.preview(structuredClone(request))),
    snapshot: () => call((pod) => pod.snapshot()),
  };
}
