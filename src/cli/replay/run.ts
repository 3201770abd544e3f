import type { PodSettings } from "../../rules/pod.ts";
import type { Claim } from "../../pod/index.ts";
import type { DecisionKey } from "../../record/decision-key.ts";
import { beginLedger, type RecordedDraw } from "./follow-draw.ts";
import type { History } from "./history.ts";
import { PodLedger } from "./pod-ledger.ts";

/** What stands in a run's world and is the same for all runs. */
export interface RunSetting {
  readonly history: History;
  /** Each pod's first draw in the record: where its ledger begins. */
  readonly firstDraws: ReadonlyMap<string, RecordedDraw>;
  /** Leads that have, or will have, more than one generation: whose owner has to be remembered. */
  readonly returning: ReadonlySet<string>;
  /** Whether any pod or member has a cap of open leads: only then has a claim to be remembered until it is released. */
  readonly openCaps: boolean;
  /** Instants at which the configuration changed, in order. */
  readonly changes: readonly number[];
}

/** A claim that holds an open slot. */
interface OpenClaim {
  readonly podId: string;
  readonly claim: Claim;
}

/** A decision as a run counts it. */
export interface Counted extends DecisionKey {
  readonly ownerId: string | null;
  /** The owner's local date, YYYY-MM-DD. */
  readonly day: string | null;
  readonly claimed: OpenClaim | null;
}

/** One world on its way through the record: what its pods have counted, and who was given what. */
export class Run {
  readonly setting: RunSetting;
  readonly #pods = new Map<string, PodLedger>();
  /** Decisions by owner and their local date: what a person's own cap counts. */
  readonly #ownCounts = new Map<string, number>();
  readonly #owners = new Map<string, string | null>();
  readonly #open = new Map<string, OpenClaim>();

  constructor(setting: RunSetting) {
    this.setting = setting;
  }

  pod(podId: string): PodLedger {
    const known = this.#pods.get(podId);
    if (known) return known;
    const pod = new PodLedger();
    pod.adopt(this.setting.history.roster(podId));
    this.#pods.set(podId, pod);
    return pod;
  }

  /** The pod with its ledger as the record first shows it, if this is its first draw. */
  podToDraw(podId: string, now: number): PodLedger {
    const pod = this.pod(podId);
    const first = pod.begun ? undefined : this.setting.firstDraws.get(podId);
    if (first) beginLedger(pod, first, now);
    pod.begun = true;
    return pod;
  }

  /** Debits a member. Before the pod's first draw nothing is entered: the trail of that draw tells of it already. */
  debit(podId: string, repId: string, settings: PodSettings, now: number): void {
    const pod = this.pod(podId);
    if (pod.begun || !this.setting.firstDraws.has(podId)) pod.debit(repId, settings, now);
  }

  adopt(podId: string): void {
    this.#pods.get(podId)?.adopt(this.setting.history.roster(podId));
  }

  /** Whether a further decision of this day keeps within the person's own cap. */
  admits(ownerId: string, day: string): boolean {
    const cap = this.setting.history.rep(ownerId)?.dailyCap ?? null;
    return cap === null || (this.#ownCounts.get(`${ownerId} ${day}`) ?? 0) < cap;
  }

  /** Who has the lead; null when nobody has. */
  ownerOf(leadId: string): string | null {
    return this.#owners.get(leadId) ?? null;
  }

  count({ leadId, generation, ownerId, day, claimed }: Counted): void {
    if (ownerId !== null && day !== null) {
      const key = `${ownerId} ${day}`;
      this.#ownCounts.set(key, (this.#ownCounts.get(key) ?? 0) + 1);
    }
    if (this.setting.returning.has(leadId)) this.#owners.set(leadId, ownerId);
    if (this.setting.openCaps && claimed) this.#open.set(`${leadId}/${generation}`, claimed);
  }

  /** Frees the open slot of this decision's claim, once. Yields the pod in which one came free. */
  release({ leadId, generation }: DecisionKey): string | null {
    const open = this.#open.get(`${leadId}/${generation}`);
    if (!open) return null;
    this.#open.delete(`${leadId}/${generation}`);
    this.pod(open.podId).release(open.claim);
    return open.podId;
  }
}
