import { isRecord } from "../../lib/json.ts";
import type { Claim } from "../../pod/index.ts";
import { type DecisionKey, keyOf } from "../../record/decision-key.ts";
import type { Chain } from "../../rules/chain.ts";
import type { PodSettings } from "../../rules/pod.ts";
import type { History } from "./history.ts";
import { PodLedger, type RecordedDraw } from "./pod-ledger.ts";
import type { RecordedDecision, ReplayRecord } from "./record.ts";

/** What all runs of a replay share. */
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

export function settingOf(
  record: ReplayRecord,
  history: History,
  chains: readonly Chain[],
): RunSetting {
  const firstDraws = new Map<string, RecordedDraw>();
  for (const [podId, place] of record.firstDraws) {
    const decision = record.decision(place);
    const draw = drawsOf(decision).find(({ step }) => step.podId === podId);
    if (draw) firstDraws.set(podId, draw);
  }
  const returning = new Set<string>();
  const changes: number[] = [];
  for (const moment of record.moments) {
    if (moment.type === "decision") {
      if (moment.generation > 1) returning.add(moment.leadId);
    } else if (moment.event.subjectType !== "lead") changes.push(moment.at);
    else if (moment.event.kind === "reroute_requested") returning.add(moment.event.subjectId);
  }
  return { history, firstDraws, returning, openCaps: hasOpenCaps(record, chains), changes };
}

function hasOpenCaps({ configuration, moments }: ReplayRecord, chains: readonly Chain[]): boolean {
  const members = [...configuration.members.values()].flatMap((pod) => [...pod.values()]);
  return (
    chains.some(({ pods }) => pods.some(({ settings }) => settings.openCap !== undefined)) ||
    members.some(({ openCap }) => openCap !== null) ||
    moments.some(
      (moment) =>
        moment.type === "event" &&
        moment.event.subjectType === "member" &&
        Object.values(moment.event.detail).some(
          (facts) => isRecord(facts) && (facts["openCap"] ?? null) !== null,
        ),
    )
  );
}

/** The draws of a decision's trail. */
function drawsOf({ trail, claimSeq, decidedAt: at }: RecordedDecision): readonly RecordedDraw[] {
  return trail
    .filter(({ podId, candidates }) => podId !== undefined && candidates !== undefined)
    .map((step) => ({ step, claimSeq: step.outcome === "matched" ? claimSeq : null, at }));
}

/** A pod's claim for a decision. */
export interface PodClaim {
  readonly podId: string;
  readonly claim: Claim;
}

/** A decision as a run counts it. */
export interface Counted extends DecisionKey {
  readonly ownerId: string | null;
  /** The owner's local date, YYYY-MM-DD. */
  readonly day: string | null;
  readonly claimed: PodClaim | null;
}

/** One world on its way through the record: what its pods have counted, and who was given what. */
export class Run {
  readonly setting: RunSetting;
  readonly #pods = new Map<string, PodLedger>();
  /** Decisions by owner and their local date: what a person's own cap counts. */
  readonly #ownCounts = new Map<string, number>();
  readonly #owners = new Map<string, string | null>();
  /** Claims that hold an open slot. */
  readonly #open = new Map<string, PodClaim>();

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
    if (first) pod.begin(first, now);
    pod.begun = true;
    return pod;
  }

  /** Debits a member. Before the pod's first draw nothing is entered: the trail of that draw already includes it. */
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

  /** Reps who must not get a lead that is routed again, with the reason: the one who has it. */
  excludedFrom(leadId: string, excludeOwner: boolean): Readonly<Record<string, string>> {
    const owner = excludeOwner ? this.#owners.get(leadId) : null;
    return owner == null ? {} : { [owner]: "has it now" };
  }

  count({ leadId, generation, ownerId, day, claimed }: Counted): void {
    if (ownerId !== null && day !== null) {
      const key = `${ownerId} ${day}`;
      this.#ownCounts.set(key, (this.#ownCounts.get(key) ?? 0) + 1);
    }
    if (this.setting.returning.has(leadId)) this.#owners.set(leadId, ownerId);
    if (this.setting.openCaps && claimed) this.#open.set(keyOf({ leadId, generation }), claimed);
  }

  /** Frees the open slot of this decision's claim, once. Yields the pod in which one came free. */
  release(key: DecisionKey): string | null {
    const open = this.#open.get(keyOf(key));
    if (!open) return null;
    this.#open.delete(keyOf(key));
    this.pod(open.podId).release(open.claim);
    return open.podId;
  }

  /**
   * Enters a decision as it was recorded, whatever the run would have decided: its draws into the ledgers, its owner into
   * the counts.
   * @param chain the chain that decided; null = unknown
   */
  enter(decision: RecordedDecision, chain: Chain | null): void {
    const { leadId, generation, ownerId, podId, claimSeq: seq, decidedAt: at } = decision;
    for (const draw of drawsOf(decision)) {
      const pod = draw.step.podId ?? "";
      const settings = chain?.pods.find(({ id }) => id === pod)?.settings ?? null;
      this.podToDraw(pod, at).follow(draw, settings);
    }
    const day = ownerId === null ? null : this.setting.history.dayOf(ownerId, at);
    const counted = { leadId, generation, ownerId, day };
    if (podId === null || ownerId === null || day === null || seq === null)
      return this.count({ ...counted, claimed: null });
    const settled = { state: "settled", open: true, credits: {}, draw: null } as const;
    const claim = { leadId, generation, repId: ownerId, seq, day, claimedAt: at, ...settled };
    this.count({ ...counted, claimed: { podId, claim } });
  }
}
