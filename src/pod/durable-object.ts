import chain from "../../rules.ts";
import { DurableObject } from "cloudflare:workers";
import { failureMessage } from "../lib/failure.ts";
import { type Log, logAt, type LogDetail, writeLog } from "../lib/log.ts";
import { outbox } from "../lib/queue.ts";
import type { Roster } from "../ports/roster.ts";
import type { RouteMessage } from "../record/messages.ts";
import type { DecisionKey } from "../record/decision-key.ts";
import { EpochGate, rebuild } from "./rebuild.ts";
import { findEvidence } from "./settlement.ts";
import { PodCore } from "./pod.ts";
import type {
  CaughtUp,
  ClaimAnswer,
  ClaimRequest,
  Debit,
  PodPort,
  PodSnapshot,
  PreviewRequest,
} from "../ports/pod.ts";
import { SqlPodStorage } from "./sql-storage.ts";

/** What the object needs of wrangler.toml's bindings. */
export interface PodEnv {
  DB: D1Database;
  LEADS: Queue<RouteMessage>;
  LOG_LEVEL?: string;
}

/** The Durable Object of one pod, named by the pod's id. The code of the pod is PodCore; this connects it to the platform. */
export class Pod extends DurableObject<PodEnv> implements PodPort {
  readonly #id: string;
  /** Set before any call is let in: the alarm, which it needs, can only be asked for with an await. */
  #core!: PodCore;
  #gate!: EpochGate;

  constructor(ctx: DurableObjectState, env: PodEnv) {
    super(ctx, env);
    const id = ctx.id.name ?? "";
    this.#id = id;
    // The settings come from this bundle's rules.ts; a pod that left the rules keeps serving what it holds.
    const definition = chain.pods.find((pod) => pod.id === id) ?? { id, settings: {} };
    void ctx.blockConcurrencyWhile(async () => {
      this.#core = new PodCore(
        definition,
        new SqlPodStorage(ctx.storage),
        Date.now,
        (podId, claims, waiting) => findEvidence(env.DB, podId, claims, waiting, Date.now()),
        await ctx.storage.getAlarm(),
      );
      this.#gate = new EpochGate(this.#core, (epoch) => this.#rebuild(epoch));
    });
  }

  async claim(request: ClaimRequest, epoch: number): Promise<ClaimAnswer> {
    const answer = await this.#at(epoch, () => this.#core.claim(request));
    logClaims(logAt(this.env.LOG_LEVEL), this.#id, answer);
    return answer;
  }

  async catchUp(epoch: number): Promise<CaughtUp> {
    await this.#gate.reach(epoch);
    const { standing, version } = this.#core.snapshot();
    return { epoch: this.#core.epoch, standing, version };
  }

  async accept(roster: Roster, epoch: number): Promise<number> {
    return this.#at(epoch, () => this.#core.accept(roster));
  }

  async giveBack(seqs: readonly number[]): Promise<void> {
    this.#calling(() => this.#core.giveBack(seqs));
  }

  async release(seqs: readonly number[], epoch: number): Promise<void> {
    await this.#at(epoch, () => this.#core.release(seqs));
  }

  async debit(debits: readonly Debit[]): Promise<void> {
    this.#core.debit(debits);
  }

  async preview(request: PreviewRequest, epoch: number): Promise<readonly ClaimAnswer[]> {
    return this.#gate.at(epoch, () => this.#core.preview(request));
  }

  async snapshot(): Promise<PodSnapshot> {
    return this.#core.snapshot();
  }

  override async alarm(): Promise<void> {
    try {
      await this.#core.settleHeld();
      this.#calling(() => {});
    } catch (error) {
      // The platform gives an alarm six retries and then forgets it: re-arm instead of throwing, so that
      // an outage of D1 cannot leave claims held for good.
      this.#log("warn", "pod_settlement_failed", { error: failureMessage(error) });
      this.#core.rearm();
    }
  }

  #at<Result>(epoch: number, step: () => Result): Promise<Result> {
    return this.#gate.at(epoch, () => this.#calling(step));
  }

  async #rebuild(epoch: number): Promise<void> {
    const startedAt = Date.now();
    await rebuild(this.#core, this.env.DB, this.#id, epoch, startedAt);
    const { standing, version } = this.#core.snapshot();
    const ms = Date.now() - startedAt;
    this.#log("warn", "pod_rebuilt", { epoch, claims: standing, version, ms });
  }

  /** Does a step, then calls the passes of the waiting leads that need not wait any longer. */
  #calling<Result>(step: () => Result): Result {
    let result: Result;
    try {
      result = step();
    } catch (error) {
      // A write failed half-way through a step: what is in memory may be ahead of storage, and storage is the truth.
      this.#log("error", "pod_step_failed", { error: failureMessage(error) });
      this.ctx.abort("a step failed");
      throw error;
    }
    const called = this.#core.takeCalled();
    if (called.length > 0) this.ctx.waitUntil(this.#send(called));
    return result;
  }

  /** For speed only: a call that gets lost is made good by the alarm and the sweep. */
  async #send(leads: readonly DecisionKey[]): Promise<void> {
    try {
      await outbox(this.env.LEADS).send(leads);
    } catch (error) {
      const lost = { leads: leads.length, error: failureMessage(error) };
      this.#log("warn", "pod_call_lost", lost);
    }
  }

  #log(level: "warn" | "error", event: string, detail: LogDetail): void {
    writeLog(level, event, { pod: this.#id, ...detail });
  }
}

/** Logs what a pod answered to one call: a line a batch. Each lead's own line, `routed`, names its pod. */
function logClaims(log: Log, pod: string, answer: ClaimAnswer): void {
  if (answer.outcome === "behind") return log("info", "pod_behind", { pod });
  const claims = answer.results.filter(({ outcome }) => outcome === "claimed").length;
  log("info", "pod_asked", { pod, leads: answer.results.length, claims });
}
