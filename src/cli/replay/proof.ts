import type { Chain } from "../../rules/chain.ts";
import type { Lead } from "../../rules/lead.ts";
import type { DecisionKey } from "../../record/decision-key.ts";
import { follow, foresee, type Foreseen } from "./foresee.ts";
import { compareOutcomes } from "./outcome.ts";
import type { RecordedDecision, RecordedEvent, RecordedLead } from "./record.ts";
import { Run, type RunSetting } from "./run.ts";
import { findMissReason, type MissReason } from "./miss-reason.ts";
import { isSameTrail } from "./same-trail.ts";

/** Why a decision was not replayed, but taken as it was. */
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
/** Why this decision is no matter of the rules; null when it is. */
export function takenAsItWas({ trail }: RecordedDecision): TakenReason | null {
  const [first] = trail;
  if (first === undefined) return "no_rule_spoke";
  return first.kind === "manual" ? "by_hand" : null;
}

/**
 * The replay's proof of itself: says of each decision, by the rules that made it and from what came before, how it must
 * have come out; and goes on from how it did.
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

  /** Takes a decision as it was, before the period or for a reason. */
  take(decision: RecordedDecision, chain: Chain | null, reason: TakenReason | null): void {
    follow(this.run, decision, chain, null);
    this.#release(decision);
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
    this.#decisions += 1;
    if (compareOutcomes(decision, foreseen.outcome) === "none") {
      this.#reproduced += 1;
      if (isSameTrail(decision.trail, foreseen.outcome.trail)) this.#exact += 1;
    } else {
      const reason = findMissReason(this.run, decision, foreseen, erased);
      this.#missed[reason] = (this.#missed[reason] ?? 0) + 1;
      if (reason === "unexplained" && this.#unexplained.length < NAMED)
        this.#unexplained.push({ leadId: decision.leadId, generation: decision.generation });
    }
    follow(this.run, decision, chain, foreseen);
    this.#release(decision);
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

  #foresee(decision: RecordedDecision, chain: Chain, lead: Lead, excludeOwner: boolean): Foreseen {
    const owner = excludeOwner ? this.run.ownerOf(decision.leadId) : null;
    const excluded = owner === null ? {} : { [owner]: "has it now" };
    return foresee(this.run, decision, chain, lead, excluded);
  }

  #release({ leadId, generation }: DecisionKey): void {
    if (generation > 1) this.run.release({ leadId, generation: generation - 1 });
  }
}
