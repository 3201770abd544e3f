import { v7 as uuidv7 } from "uuid";
import type { Chain } from "../../../src/rules/chain.ts";
import type { Deps } from "../../../src/ports/deps.ts";
import type { RouteMessage } from "../../../src/record/messages.ts";
import { submissionOf } from "../../intake/api/fakes.ts";
import { acceptLead } from "../../../src/intake/accept.ts";
import type { LeadDraft } from "../../../src/rules/lead.ts";
import { findEvidence } from "../../../src/pod/settlement.ts";
import { PodCore } from "../../../src/pod/pod.ts";
import type { PodPort } from "../../../src/ports/pod.ts";
import { consumeLeads } from "../../../src/routing/consumer.ts";
import { sweep } from "../../../src/sweep/sweep.ts";
import { MemoryPodStorage } from "../../pod/memory-storage.ts";
import { Random } from "../../simulation/random.ts";
import { openD1 } from "../../record/sqlite-d1.ts";

const MINUTE = 60_000;

interface LivePod {
  core: PodCore;
  readonly storage: MemoryPodStorage;
}

/** A real router in one process, without faults: real stages, pods and database; time passes when it is told to. */
export class RecordedWorld {
  readonly db = openD1();
  readonly random: Random;
  now: number;
  chain: Chain;
  readonly #pods = new Map<string, LivePod>();
  readonly #queued: RouteMessage[] = [];
  readonly logged: string[] = [];

  constructor(chain: Chain, start: number, seed = 1) {
    this.chain = chain;
    this.now = start;
    this.random = new Random(seed);
  }

  readonly deps = (): Deps => ({
    db: this.db,
    chain: this.chain,
    forms: [],
    sources: [],
    destinations: [],
    deliveries: { send: async () => {} },
    leads: { send: async (messages) => void this.#queued.push(...messages) },
    notifications: { send: async () => {} },
    pod: (podId) => this.#port(podId),
    secret: () => null,
    allow: async () => true,
    fetch: () => Promise.reject(new Error("nobody calls out here")),
    now: () => this.now,
    sleep: () => new Promise(() => {}),
    random: () => this.random.next(),
    newId: () => uuidv7({ msecs: this.now, random: this.random.bytes(16) }),
    log: (level, event) => void (level === "info" || this.logged.push(event)),
  });

  /** A lead comes in and, with whatever else is queued, is routed some milliseconds later. */
  async post(draft: LeadDraft): Promise<string> {
    const accepted = await acceptLead(this.deps(), submissionOf(draft));
    if (accepted.outcome !== "received") throw new Error(`the lead was ${accepted.outcome}`);
    return accepted.leadId;
  }

  /** Runs passes until the queue is empty. */
  async route(): Promise<void> {
    while (this.#queued.length > 0) {
      this.now += 7;
      const batch = this.#queued.splice(0, 10);
      await consumeLeads(
        this.deps(),
        batch.map((body) => ({ body, attempts: 1, ack() {}, retry: () => this.#again(body) })),
      );
    }
  }

  /** Lets time pass: sweeps on the minute, alarms when they are due, passes when anything is queued. */
  async passTo(instant: number): Promise<void> {
    await this.route();
    for (;;) {
      const minute = Math.floor(this.now / MINUTE) * MINUTE + MINUTE;
      const alarms = [...this.#pods.values()].map(({ storage }) => storage.alarmAt ?? Infinity);
      const next = Math.min(minute, ...alarms);
      if (next > instant) break;
      this.now = Math.max(this.now, next);
      if (next !== minute) await this.#runAlarms();
      // A sweep that would find nothing is skipped: most minutes of a week are such.
      else if (this.#isDue()) await sweep(this.deps());
      await this.route();
    }
    this.now = Math.max(this.now, instant);
  }

  async pass(milliseconds: number): Promise<void> {
    await this.passTo(this.now + milliseconds);
  }

  /** New rules are deployed: pods start again with their settings. */
  deploy(chain: Chain): void {
    this.chain = chain;
    for (const [podId, pod] of this.#pods) pod.core = this.#start(podId, pod.storage);
  }

  #isDue(): boolean {
    const due = this.db.sqlite.prepare("SELECT 1 FROM pending WHERE due <= ? LIMIT 1");
    return due.get(this.now) !== undefined;
  }

  #again(body: RouteMessage): void {
    this.#queued.push(body);
  }

  async #runAlarms(): Promise<void> {
    for (const pod of this.#pods.values()) {
      if ((pod.storage.alarmAt ?? Infinity) > this.now) continue;
      pod.storage.alarmAt = null;
      await pod.core.settleHeld();
      this.#callPasses(pod.core);
    }
  }

  #callPasses(core: PodCore): void {
    this.#queued.push(...core.takeCalled());
  }

  #start(podId: string, storage: MemoryPodStorage): PodCore {
    return new PodCore(
      this.chain.pods.find(({ id }) => id === podId) ?? { id: podId, settings: {} },
      storage,
      () => this.now,
      (id, claims, waiting) => findEvidence(this.db, id, claims, waiting, this.now),
      storage.alarmAt,
    );
  }

  #port(podId: string): PodPort {
    const known = this.#pods.get(podId);
    const storage = known?.storage ?? new MemoryPodStorage();
    const pod = known ?? { storage, core: this.#start(podId, storage) };
    this.#pods.set(podId, pod);
    const call = async <Result>(step: (core: PodCore) => Result): Promise<Result> => {
      const result = structuredClone(step(pod.core));
      this.#callPasses(pod.core);
      return result;
    };
    return {
      claim: (request) => call((core) => core.claim(structuredClone(request))),
      catchUp: () => Promise.reject(new Error("nothing is restored here")),
      accept: (roster) => call((core) => core.accept(structuredClone(roster))),
      giveBack: (seqs) => call((core) => core.giveBack(seqs)),
      release: (seqs) => call((core) => core.release(seqs)),
      debit: (debits) => call((core) => core.debit(debits)),
      preview: (request) => call((core) => core.preview(request)),
      snapshot: () => call((core) => core.snapshot()),
    };
  }
}
