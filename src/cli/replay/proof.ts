import { OWN_CAP_REACHED } from "../../pod/index.ts";
import type { DecisionKey } from "../../record/decision-key.ts";
import type { Chain } from "../../rules/chain.ts";
import type { Lead } from "../../rules/lead.ts";
import { compareOutcomes } from "./difference.ts";
import { askPod, type Draw, type Journey, startJourney, walkOn } from "./journey.ts";
import { findMissReason, isSameTrail, type MissReason } from "./miss-reason.ts";
import type { Outcome, RecordedDecision, RecordedEvent, RecordedLead } from "./record.ts";
import { Run, type RunSetting } from "./run.ts";

/** Why a decision was not replayed, but kept as recorded. */
export type TakenReason = "by_hand" | "no_rule_spoke" | "chain_unknown" | "lead_unknown";

export interface Proof {
  /** Decisions of the period. */
  readonly decisions: number;
  /** Came out as recorded: rule, pod and owner. */
  readonly reproduced: number;
  /** Those of them whose every candidate was the same too, to the unit of the ledger. */
  readonly exact: number;
  readonly taken: Readonly<Partial<Record<TakenReason, number>>>;
  readonly missed: Readonly<Partial<Record<MissReason, number>>>;
  /** The first few decisions that nothing explains. */
  readonly unexplained: readonly DecisionKey[];
}

/** Unexplained decisions that the report names. */
const NAMED = 20;

/** Why a decision was not made by rules; null when it was. */
export function takenAsItWas({ trail }: RecordedDecision): TakenReason | null {
  const [first] = trail;
  if (first === undefined) return "no_rule_spoke";
  return first.kind === "manual" ? "by_hand" : null;
}

/**
 * The replay's proof of itself: foresees each decision, by the rules that made it and from what came before; and goes on from
 * how the decision really was.
 */
export class ProofRun {
  readonly run: Run;
  #decisions = 0;
  #reproduced = 0;
  #exact = 0;
  readonly #taken: Partial<Record<TakenReason, number>> = {};
  readonly #missed: Partial<Record<MissReason, number>> = {};
  readonly #unexplained: DecisionKey[] = [];

  constructor(setting: RunSetting) {
    this.run = new Run(setting);
  }

  /** A lead that a member got past the rotation is debited. @param chain the rules in force; null = unknown */
  debit({ detail, occurredAt }: RecordedEvent, chain: Chain | null): void {
    const { podId, repId } = detail;
    if (typeof podId !== "string" || typeof repId !== "string") return;
    const settings = chain?.pods.find(({ id }) => id === podId)?.settings ?? {};
    this.run.debit(podId, repId, settings, occurredAt);
  }

  /** Enters a decision as it was, before the period or for a reason. */
  enter(decision: RecordedDecision, chain: Chain | null, reason: TakenReason | null): void {
    this.#follow(decision, chain, null);
    if (reason === null) return;
    this.#decisions += 1;
    this.#taken[reason] = (this.#taken[reason] ?? 0) + 1;
  }

  prove(
    decision: RecordedDecision,
    chain: Chain,
    { lead, erased }: RecordedLead,
    excludeOwner: boolean,
  ): void {
    const foreseen = this.#foresee(decision, chain, lead, excludeOwner);
    const { outcome } = foreseen;
    this.#decisions += 1;
    if (compareOutcomes(decision, outcome) === "none") {
      this.#reproduced += 1;
      if (isSameTrail(decision.trail, outcome.trail)) this.#exact += 1;
    } else {
      const reason = erased ? "lead_erased" : findMissReason(this.run, decision, foreseen);
      this.#missed[reason] = (this.#missed[reason] ?? 0) + 1;
      if (reason === "unexplained" && this.#unexplained.length < NAMED)
        this.#unexplained.push({ leadId: decision.leadId, generation: decision.generation });
    }
    this.#follow(decision, chain, foreseen.journey);
  }

  result(): Proof {
    return {
      decisions: this.#decisions,
      reproduced: this.#reproduced,
      exact: this.#exact,
      taken: this.#taken,
      missed: this.#missed,
      unexplained: this.#unexplained,
    };
  }

  /**
   * Says how the decision must come out, from nothing but what came before it. Leaves the run as it was. Where a pod lets leads
   * wait, this one is assumed to have waited: the instant of the decision is that of the draw.
   */
  #foresee(
    decision: RecordedDecision,
    chain: Chain,
    lead: Lead,
    excludeOwner: boolean,
  ): { readonly outcome: Outcome; readonly journey: Journey } {
    const { run } = this;
    const excluded = run.excludedFrom(decision.leadId, excludeOwner);
    const journey = startJourney(decision, chain, lead, excluded);
    for (const { id } of chain.pods) journey.waitedIn.add(id);
    const marks: (() => void)[] = [];
    const draw: Draw = (asking, stop, now) => {
      marks.push(run.podToDraw(stop.pod.id, now).mark());
      return askPod(run, asking, stop, now);
    };
    const progress = walkOn(run, journey, decision.decidedAt, draw);
    for (const { podId, claim } of journey.claims.toReversed()) run.pod(podId).giveBack(claim);
    for (const undo of marks.toReversed()) undo();
    if (progress.progress === "waits") throw new Error("a lead waits twice in one line");
    return { outcome: progress.outcome, journey };
  }

  /** Enters the decision as it was, and what the commit did with claims of people at their own cap. */
  #follow(decision: RecordedDecision, chain: Chain | null, journey: Journey | null): void {
    const { leadId, generation, trail } = decision;
    this.run.enter(decision, chain);
    for (const { podId, claim } of journey?.claims ?? []) {
      const step = trail.find((each) => each.podId === podId && wasRefused(each, claim.repId));
      if (step) this.run.pod(podId).refuse(claim);
    }
    if (generation > 1) this.run.release({ leadId, generation: generation - 1 });
  }
}

/** Whether the step says of this candidate that the commit found them full. */
function wasRefused(
  { candidates = [] }: RecordedDecision["trail"][number],
  repId: string,
): boolean {
  return candidates.some((seat) => seat.repId === repId && seat.reason === OWN_CAP_REACHED);
}
