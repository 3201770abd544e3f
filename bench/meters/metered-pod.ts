import type { Env } from "../../src/platform.ts";
import { Pod } from "../../src/pod/durable-object.ts";
import type { PodPort } from "../../src/ports/pod.ts";
import { meterDatabase } from "./metered-database.ts";
import { meterStorage } from "./metered-storage.ts";
import { meter } from "./usage.ts";

/** The router's own pod, with the meter on its storage and on what it asks of D1. */
export class MeteredPod extends Pod {
  constructor(ctx: DurableObjectState, env: Env) {
    meterStorage(ctx.storage);
    super(ctx, { ...env, DB: meterDatabase(env.DB) });
  }

  override async alarm(): Promise<void> {
    meter.podRequests += 1;
    const startedAt = Date.now();
    await super.alarm();
    meter.podMs += Date.now() - startedAt;
  }

  /** Has the alarm go off now, if one is set, and yields whether one was. */
  async ring(): Promise<boolean> {
    const at = await this.ctx.storage.getAlarm();
    if (at === null) return false;
    await this.ctx.storage.deleteAlarm();
    await this.alarm();
    return true;
  }
}

/** The calls of a pod, each counted as a request to its Durable Object. */
export function meterPort(pod: PodPort): PodPort {
  return {
    claim: (request, epoch) => count(() => pod.claim(request, epoch)),
    catchUp: (epoch) => count(() => pod.catchUp(epoch)),
    accept: (roster, epoch) => count(() => pod.accept(roster, epoch)),
    giveBack: (seqs) => count(() => pod.giveBack(seqs)),
    release: (seqs, epoch) => count(() => pod.release(seqs, epoch)),
    debit: (debits) => count(() => pod.debit(debits)),
    preview: (request, epoch) => count(() => pod.preview(request, epoch)),
    snapshot: () => count(() => pod.snapshot()),
  };
}

/** Counts a call to a Durable Object, and how long it took. */
export async function count<Answer>(call: () => Promise<Answer>): Promise<Answer> {
  meter.podRequests += 1;
  meter.subrequests += 1;
  const startedAt = Date.now();
  try {
    return await call();
  } finally {
    meter.podMs += Date.now() - startedAt;
  }
}
