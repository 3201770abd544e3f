import { DurableObject } from "cloudflare:workers";
import type { Env } from "../bindings.ts";
import type { Pod as PodDefinition } from "../chain/pod.ts";
import type { Roster } from "../roster/roster.ts";
import chain from "../../rules.ts";
import { findEvidence } from "./evidence.ts";
import { PodCore } from "./pod.ts";
import type { ClaimAnswer, ClaimRequest, PodPort } from "./port.ts";
import type { PodSnapshot } from "./snapshot.ts";
import { SqlPodStorage } from "./sql-storage.ts";

/** The Durable Object of one pod, named by the pod's id. The code of the pod is PodCore; this is its socket. */
export class Pod extends DurableObject<Env> implements PodPort {
  #core!: PodCore;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    void ctx.blockConcurrencyWhile(async () => {
      const alarmArmed = (await ctx.storage.getAlarm()) !== null;
      this.#core = new PodCore(
        this.#definition(),
        new SqlPodStorage(ctx.storage),
        Date.now,
        (podId, claims) => findEvidence(env.DB, podId, claims, Date.now()),
        alarmArmed,
      );
    });
  }

  async claim(request: ClaimRequest): Promise<ClaimAnswer> {
    return this.#core.claim(request);
  }

  async accept(roster: Roster): Promise<number> {
    return this.#core.accept(roster);
  }

  async giveBack(seqs: readonly number[]): Promise<void> {
    this.#core.giveBack(seqs);
  }

  async release(seqs: readonly number[]): Promise<void> {
    this.#core.release(seqs);
  }

  async snapshot(): Promise<PodSnapshot> {
    return this.#core.snapshot();
  }

  override async alarm(): Promise<void> {
    try {
      await this.#core.settleHeld();
    } catch (error) {
      // The platform gives an alarm six retries and then forgets it: re-arm instead of throwing, so that
      // an outage of D1 cannot leave claims held for good.
      console.warn(
        JSON.stringify({
          event: "pod_settlement_failed",
          pod: this.ctx.id.name,
          error: String(error),
        }),
      );
      this.#core.rearm();
    }
  }

  /** The pod's settings come from this bundle's rules.ts; a pod that left the rules keeps serving what it holds. */
  #definition(): PodDefinition {
    const id = this.ctx.id.name ?? "";
    return chain.pods.find((pod) => pod.id === id) ?? { id, settings: {} };
  }
}
