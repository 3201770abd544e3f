import type { Chain } from "../../src/rules/chain.ts";
import type { DecisionKey } from "../../src/record/decision-key.ts";
import { EpochGate, rebuild } from "../../src/pod/rebuild.ts";
import { findEvidence } from "../../src/pod/settlement.ts";
import { type FindEvidence, PodCore } from "../../src/pod/pod.ts";
import type { ClaimAnswer, ClaimRequest, PodPort } from "../../src/ports/pod.ts";
import type { PodChange } from "../../src/pod/storage.ts";
import { MemoryPodStorage } from "../pod/memory-storage.ts";
import type { SimulatedD1 } from "./database.ts";
import type { Network, Process } from "./network.ts";
import type { Scheduler } from "./scheduler.ts";

/** The platform runs an alarm that died again after this long. */
const ALARM_RETRY_MS = 2000;

/** How a planted bug bends a pod; every member is the identity when none is planted. */
export interface PodBend {
  storage(storage: WatchedStorage): WatchedStorage;
  evidence(find: FindEvidence, podId: string): FindEvidence;
  beforeClaim(process: Process, podId: string, core: PodCore): void;
}

/** A pod's storage that tells when its alarm is set. */
export class WatchedStorage extends MemoryPodStorage {
  onAlarm: (at: number) => void = () => {};

  override write(change: PodChange): void {
    super.write(change);
    if (change.alarmAt !== undefined) this.onAlarm(change.alarmAt);
  }
}

/** One pod's Durable Object: storage that lasts, and an instance that comes and goes. */
export class SimulatedPod {
  readonly id: string;
  readonly storage: WatchedStorage;
  readonly #scheduler: Scheduler;
  readonly #network: Network;
  readonly #d1: SimulatedD1;
  readonly #chain: () => Chain;
  readonly #bend: PodBend;
  readonly #trace: (line: string) => void;
  readonly #callPasses: (process: Process, leads: readonly DecisionKey[]) => Promise<void>;
  #core: PodCore | null = null;
  #gate: EpochGate | null = null;
  #process: Process;
  #alarmRuns = false;
  /** Told of each answered claim call. */
  onDraw: (podId: string, request: ClaimRequest, answer: ClaimAnswer) => void = () => {};

  constructor(
    id: string,
    world: {
      scheduler: Scheduler;
      network: Network;
      d1: SimulatedD1;
      chain: () => Chain;
      bend: PodBend;
      trace: (line: string) => void;
      callPasses: (process: Process, leads: readonly DecisionKey[]) => Promise<void>;
    },
  ) {
    this.id = id;
    this.#scheduler = world.scheduler;
    this.#network = world.network;
    this.#d1 = world.d1;
    this.#chain = world.chain;
    this.#bend = world.bend;
    this.#trace = world.trace;
    this.#callPasses = world.callPasses;
    this.storage = world.bend.storage(new WatchedStorage());
    this.storage.onAlarm = (at) => this.#scheduleAlarm(at);
    this.#process = this.#newProcess();
  }

  /** The pod as one process reaches it. Values are copied on the way, as RPC does. */
  port(process: Process): PodPort {
    const call = <Result>(label: string, effect: (core: PodCore) => Result): Promise<Result> =>
      this.#network.call(process, "pod", `${label} at ${this.id}`, () =>
        structuredClone(this.#calling(effect)),
      );
    const callIn = async <Result>(
      epoch: number,
      label: string,
      effect: (core: PodCore) => Result,
    ): Promise<Result> =>
      await this.#network.call(process, "pod", `${label} at ${this.id}`, () =>
        this.#inEpoch(epoch, () => structuredClone(this.#calling(effect))),
      );
    return {
      claim: (request, epoch) =>
        callIn(epoch, `claims ${request.wanted.length}`, (core) => {
          this.#bend.beforeClaim(process, this.id, core);
          const answer = core.claim(structuredClone(request));
          this.onDraw(this.id, request, answer);
          return answer;
        }),
      catchUp: (epoch) =>
        callIn(epoch, `catches up with ${epoch}`, (core) => {
          const { standing, version } = core.snapshot();
          return { epoch: core.epoch, standing, version };
        }),
      accept: (roster, epoch) =>
        callIn(epoch, `hands roster ${roster.version}`, (core) =>
          core.accept(structuredClone(roster)),
        ),
      giveBack: (seqs) => call(`gives back ${seqs.join(" ")}`, (core) => core.giveBack(seqs)),
      release: (seqs, epoch) =>
        callIn(epoch, `releases ${seqs.join(" ")}`, (core) => core.release(seqs)),
      debit: (debits) => call(`debits ${debits.length}`, (core) => core.debit(debits)),
      preview: (request, epoch) =>
        callIn(epoch, "previews", (core) => core.preview(structuredClone(request))),
      snapshot: () => call("snapshot", (core) => core.snapshot()),
    };
  }

  /** As durable-object.ts does; resolves later only when the pod has to count anew. */
  #inEpoch<Result>(epoch: number, step: () => Result): Promise<Result> {
    const core = this.core();
    const process = this.#process;
    this.#gate ??= new EpochGate(core, async (to) => {
      await rebuild(core, this.#d1.client(process), this.id, to, this.#scheduler.now);
      this.#trace(`pod ${this.id}: counted anew for ${to}`);
    });
    const done = this.#gate.at(epoch, step);
    // Whoever asked may be dead by then.
    done.catch(() => {});
    return done;
  }

  /** Does a step, then calls the passes of the leads it moved out of the line, as durable-object.ts does. */
  #calling<Result>(step: (core: PodCore) => Result): Result {
    const core = this.core();
    const result = step(core);
    const called = core.takeCalled();
    if (called.length > 0)
      this.#callPasses(this.#process, called).catch((error: unknown) =>
        this.#trace(`pod ${this.id}: a call got lost: ${String(error)}`),
      );
    return result;
  }

  /** The instance, started if need be. */
  core(): PodCore {
    if (this.#process.dead) this.evict();
    this.#core ??= this.#start();
    return this.#core;
  }

  /** The instance goes; what it had in memory is gone, and nothing answers it any more. */
  evict(): void {
    this.#process.dead = true;
    this.#process = this.#newProcess();
    this.#core = null;
    this.#gate = null;
    if (!this.#alarmRuns) return;
    this.#alarmRuns = false;
    this.storage.write({ alarmAt: this.#scheduler.now + ALARM_RETRY_MS });
  }

  get isQuiet(): boolean {
    return this.storage.alarmAt === null && !this.#alarmRuns;
  }

  #start(): PodCore {
    const process = this.#process;
    const find: FindEvidence = (podId, claims, waiting) =>
      findEvidence(this.#d1.client(process), podId, claims, waiting, this.#scheduler.now);
    return new PodCore(
      this.#chain().pods.find(({ id }) => id === this.id) ?? { id: this.id, settings: {} },
      this.storage,
      () => this.#scheduler.now + process.skew,
      this.#bend.evidence(find, this.id),
      this.storage.alarmAt,
    );
  }

  #newProcess(): Process {
    const skew = this.#scheduler.random.whole(-300, 300);
    return { name: `pod ${this.id}`, dead: false, skew, startCommit: 0, era: 0 };
  }

  #scheduleAlarm(at: number): void {
    this.#scheduler.after(Math.max(0, at - this.#scheduler.now), () => {
      if (this.storage.alarmAt !== at || this.#alarmRuns) return;
      this.storage.alarmAt = null;
      void this.#runAlarm();
    });
  }

  async #runAlarm(): Promise<void> {
    const core = this.core();
    const process = this.#process;
    this.#alarmRuns = true;
    this.#trace(`pod ${this.id}: alarm`);
    // A killed alarm never comes back from its await: the platform runs it again.
    this.#scheduler.after(20 * 60_000, () => {
      if (this.#process === process && this.#alarmRuns && process.dead) this.evict();
    });
    try {
      await core.settleHeld();
      if (this.#process === process) this.#calling(() => {});
    } catch {
      core.rearm();
    }
    if (this.#process !== process) return;
    this.#alarmRuns = false;
    // An alarm that came due meanwhile waited for this one.
    if (this.storage.alarmAt !== null) this.#scheduleAlarm(this.storage.alarmAt);
  }
}
