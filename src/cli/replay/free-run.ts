import type { Chain } from "../../rules/chain.ts";
import type { Lead } from "../../rules/lead.ts";
import type { DecisionKey } from "../../record/decision-key.ts";
import { enterDecision } from "./enter-decision.ts";
import {
  askPod,
  startJourney,
  takeDrawn,
  walkOn,
  type Draw,
  type Journey,
  type Progress,
} from "./journey.ts";
import type { Outcome } from "./outcome.ts";
import type { RecordedDecision } from "./record.ts";
import { Run, type RunSetting } from "./run.ts";
import { SweepChores } from "./sweep-chores.ts";
import { WaitingLines } from "./waiting-line.ts";

/** Told of each decision of a run, once; null = the lead waits in line still, or was overtaken there. */
export type OnDecided = (key: DecisionKey, outcome: Outcome | null) => void;

/**
 * A run that is left to itself: only the configuration, what people did, and the leads come from the record. Every
 * draw follows from the draws before it, as it would have with these rules in force.
 */
export class FreeRun {
  readonly #run: Run;
  readonly #lines: WaitingLines;
  readonly #chores: SweepChores;
  readonly #onDecided: OnDecided;

  constructor(setting: RunSetting, onDecided: OnDecided) {
    this.#run = new Run(setting);
    this.#lines = new WaitingLines(this.#run);
    this.#chores = new SweepChores(this.#run);
    this.#onDecided = onDecided;
  }

  /** A lead sets out: its first time, or again with whoever has it ruled out. */
  route(key: DecisionKey, chain: Chain, lead: Lead, excludeOwner: boolean, now: number): void {
    this.#overtake(key);
    const owner = excludeOwner ? this.#run.ownerOf(key.leadId) : null;
    const excluded = owner === null ? {} : { [owner]: "has it now" };
    const journey = startJourney(key, chain, lead, excluded);
    this.#settle(journey, walkOn(this.#run, journey, now, this.#draw), now);
  }

  /** Takes a decision as it was recorded: made by hand, before the period, or by rules that nobody has any more. */
  take(decision: RecordedDecision, chain: Chain | null): void {
    this.#overtake(decision);
    enterDecision(this.#run, decision, chain);
    this.#follow(decision, decision, chain, decision.committedAt);
  }

  close(key: DecisionKey, now: number): void {
    const podId = this.#run.release(key);
    if (podId !== null) this.#moveLine(podId, now);
  }

  /** The next sweep frees the slot of this decision's claim. */
  releaseLater(key: DecisionKey, now: number): void {
    this.#chores.release(key, now);
  }

  adopt(podId: string, now: number): void {
    this.#run.adopt(podId);
    this.#moveLine(podId, now);
  }

  /** Lets everything happen that happens by itself up to this instant. */
  advanceTo(now: number): void {
    for (;;) {
      const move = this.#lines.nextMove(now);
      const chore = this.#chores.next(now);
      if (chore !== null && (move === null || chore <= move.at)) {
        for (const podId of this.#chores.doNext()) this.#moveLine(podId, chore);
      } else if (move !== null) this.#moveLine(move.podId, move.at);
      else return;
    }
  }

  /** The record ends: who waits still waits. */
  finish(): void {
    for (const { journey } of this.#lines.parked()) this.#overtake(journey, journey.generation);
  }

  readonly #draw: Draw = (journey, stop, now) => {
    // Who waits in line comes first.
    this.#moveLine(stop.pod.id, now);
    return askPod(this.#run, journey, stop, now);
  };

  #settle(journey: Journey, progress: Progress, now: number): void {
    if (progress.progress === "waits") {
      if (!this.#lines.join({ journey, stop: progress.stop }, now))
        this.#settle(journey, walkOn(this.#run, journey, now, this.#draw), now);
      return;
    }
    const { outcome, day } = progress;
    const claimed = outcome.podId === null ? null : (journey.claims.pop() ?? null);
    const { leadId, generation, chain } = journey;
    this.#run.count({ leadId, generation, ownerId: outcome.ownerId, day, claimed });
    for (const { podId, claim } of journey.claims) {
      this.#run.pod(podId).giveBack(claim);
      this.#moveLine(podId, now);
    }
    this.#follow(journey, outcome, chain, now);
    this.#onDecided({ leadId, generation }, outcome);
  }

  /** What a decision leaves to the next sweep. */
  #follow(
    { leadId, generation }: DecisionKey,
    { ownerId, podId }: Pick<Outcome, "ownerId" | "podId">,
    chain: Chain | null,
    now: number,
  ): void {
    if (generation > 1) this.#chores.release({ leadId, generation: generation - 1 }, now);
    if (ownerId !== null && podId === null && chain !== null)
      this.#chores.debit(ownerId, chain, now);
  }

  #moveLine(podId: string, now: number): void {
    for (const { journey, stop, claim } of this.#lines.move(podId, now)) {
      const taken =
        claim?.draw == null
          ? null
          : takeDrawn(this.#run, journey, stop, { result: claim.draw, claim });
      this.#settle(journey, taken ?? walkOn(this.#run, journey, now, this.#draw), now);
    }
  }

  /** An earlier generation that waits in line still will never be decided. */
  #overtake({ leadId, generation }: DecisionKey, upTo = generation - 1): void {
    for (let earlier = upTo; earlier >= 1; earlier--) {
      const key = { leadId, generation: earlier };
      if (this.#lines.leave(key)) this.#onDecided(key, null);
    }
  }
}
