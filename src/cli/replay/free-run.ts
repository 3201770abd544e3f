import {
  callOverdue,
  type Claim,
  drawForWaiting,
  nextMove,
  startWaiting,
  stopWaiting,
} from "../../pod/index.ts";
import { type DecisionKey, keyOf } from "../../record/decision-key.ts";
import type { Chain } from "../../rules/chain.ts";
import type { Lead } from "../../rules/lead.ts";
import type { PodSettings } from "../../rules/pod.ts";
import type { PodStop } from "../../rules/walk.ts";
import {
  askPod,
  type Draw,
  type Journey,
  type Progress,
  startJourney,
  takeDrawn,
  walkOn,
} from "./journey.ts";
import type { Outcome, RecordedDecision } from "./record.ts";
import { Run, type RunSetting } from "./run.ts";

/** Is told each decision of a run, once; null = the lead is still waiting, or was overtaken while it waited. */
export type OnDecided = (key: DecisionKey, outcome: Outcome | null) => void;

/** The sweep looks once a minute, on the minute: the schedule of wrangler.toml. */
const SWEEP_MS = 60_000;

/** What a decision leaves to the next sweep. */
interface Chore {
  readonly at: number;
  /** Does it; yields the pods in which a slot came free. */
  readonly run: () => readonly string[];
}

/**
 * A run that is left to itself: only the configuration, what people did, and the leads come from the record. Every
 * draw follows from the draws before it, as it would have with these rules in force.
 */
export class FreeRun {
  readonly #run: Run;
  readonly #lines: WaitingLines;
  /** In order: a run only goes forward. */
  readonly #chores: Chore[] = [];
  readonly #onDecided: OnDecided;

  constructor(setting: RunSetting, onDecided: OnDecided) {
    this.#run = new Run(setting);
    this.#lines = new WaitingLines(this.#run);
    this.#onDecided = onDecided;
  }

  /** Routes a lead: for the first time, or again, without its owner. */
  route(key: DecisionKey, chain: Chain, lead: Lead, excludeOwner: boolean, now: number): void {
    this.#overtake(key);
    const excluded = this.#run.excludedFrom(key.leadId, excludeOwner);
    this.#goOn(startJourney(key, chain, lead, excluded), now);
  }

  /** Enters a decision as it was recorded: made manually, before the period, or by rules that nobody has any more. */
  enter(decision: RecordedDecision, chain: Chain | null): void {
    this.#overtake(decision);
    this.#run.enter(decision, chain);
    this.#leaveChores(decision, decision, chain, decision.committedAt);
  }

  close(key: DecisionKey, now: number): void {
    const podId = this.#run.release(key);
    if (podId !== null) this.#moveLine(podId, now);
  }

  /** The next sweep frees the slot of this decision's claim. */
  releaseLater(key: DecisionKey, now: number): void {
    this.#later(now, () => {
      const podId = this.#run.release(key);
      return podId === null ? [] : [podId];
    });
  }

  adopt(podId: string, now: number): void {
    this.#run.adopt(podId);
    this.#moveLine(podId, now);
  }

  /** Lets everything happen that happens by itself up to this instant. */
  advanceTo(now: number): void {
    for (;;) {
      const move = this.#lines.nextMove(now);
      const chore = this.#chores[0];
      if (chore !== undefined && chore.at <= now && (move === null || chore.at <= move.at)) {
        this.#chores.shift();
        for (const podId of chore.run()) this.#moveLine(podId, chore.at);
      } else if (move !== null) this.#moveLine(move.podId, move.at);
      else return;
    }
  }

  /** The record ends: leads that wait are still waiting. */
  finish(): void {
    for (const { journey } of this.#lines.parked()) this.#overtake(journey, journey.generation);
  }

  readonly #draw: Draw = (journey, stop, now) => {
    // Leads that wait come first.
    this.#moveLine(stop.pod.id, now);
    return askPod(this.#run, journey, stop, now);
  };

  #goOn(journey: Journey, now: number): void {
    this.#settle(journey, walkOn(this.#run, journey, now, this.#draw), now);
  }

  #settle(journey: Journey, progress: Progress, now: number): void {
    if (progress.progress === "waits") {
      if (!this.#lines.join({ journey, stop: progress.stop }, now)) this.#goOn(journey, now);
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
    this.#leaveChores(journey, outcome, chain, now);
    this.#onDecided({ leadId, generation }, outcome);
  }

  /** What a decision leaves to the next sweep: a slot to be freed, and a lead past the rotation to be debited. */
  #leaveChores(
    { leadId, generation }: DecisionKey,
    { ownerId, podId }: Pick<Outcome, "ownerId" | "podId">,
    chain: Chain | null,
    now: number,
  ): void {
    if (generation > 1) this.releaseLater({ leadId, generation: generation - 1 }, now);
    if (ownerId === null || podId !== null || chain === null) return;
    const { history } = this.#run.setting;
    const isIn = (pod: string) => history.isMember(pod, ownerId);
    const debiting = chain.pods.filter(({ id, settings }) => settings.debitOutside && isIn(id));
    if (debiting.length === 0) return;
    this.#later(now, (at) => {
      for (const { id, settings } of debiting)
        if (isIn(id)) this.#run.debit(id, ownerId, settings, at);
      return [];
    });
  }

  /** Leaves something to the first sweep after this instant. */
  #later(now: number, run: (at: number) => readonly string[]): void {
    const at = Math.floor(now / SWEEP_MS) * SWEEP_MS + SWEEP_MS;
    this.#chores.push({ at, run: () => run(at) });
  }

  #moveLine(podId: string, now: number): void {
    for (const { journey, stop, claim } of this.#lines.move(podId, now)) {
      const drawn = claim?.draw == null ? null : { result: claim.draw, claim };
      const taken = drawn && takeDrawn(this.#run, journey, stop, drawn);
      if (taken) this.#settle(journey, taken, now);
      else this.#goOn(journey, now);
    }
  }

  /** An earlier generation that is still waiting will never be decided. */
  #overtake({ leadId, generation }: DecisionKey, upTo = generation - 1): void {
    for (let earlier = upTo; earlier >= 1; earlier--) {
      const key = { leadId, generation: earlier };
      if (this.#lines.leave(key)) this.#onDecided(key, null);
    }
  }
}

/** A journey that waits in a pod. */
interface Parked {
  readonly journey: Journey;
  readonly stop: PodStop;
}

/** A journey that waits no longer: with a claim when somebody was drawn, without when the wait was over. */
interface Called extends Parked {
  readonly claim: Claim | null;
}

/** The waiting leads of a run's pods. Lines move as the pods' own do: at each draw, release and change of a roster, and by themselves. */
class WaitingLines {
  readonly #run: Run;
  readonly #parked = new Map<string, Parked>();
  /** When each pod's line may move by itself; null = only from outside. */
  readonly #nextMoves = new Map<string, number | null>();
  /** The settings each line was joined under: those of the chain that sent the last lead there. */
  readonly #settings = new Map<string, PodSettings>();

  constructor(run: Run) {
    this.#run = run;
  }

  /** Lets a journey wait. False when the line is full: it walks on. */
  join(parked: Parked, now: number): boolean {
    const { journey, stop } = parked;
    const { id, settings } = stop.pod;
    const { leadId, generation } = journey;
    const excluded = Object.fromEntries(journey.excluded);
    const { state } = this.#run.pod(id);
    journey.waitedIn.add(id);
    if (startWaiting({ leadId, generation, excluded }, { state, settings, now }) < 0) return false;
    this.#parked.set(keyOf(journey), parked);
    this.#settings.set(id, settings);
    this.#foresee(id, now);
    return true;
  }

  /** Takes a lead out of its line. */
  leave(key: DecisionKey): Parked | null {
    const parked = this.#parked.get(keyOf(key));
    if (!parked) return null;
    this.#parked.delete(keyOf(key));
    stopWaiting(this.#run.pod(parked.stop.pod.id).state, key);
    return parked;
  }

  /** Journeys that are still waiting. */
  parked(): Iterable<Parked> {
    return this.#parked.values();
  }

  /** The line that moves by itself next, up to this instant; null when none does. */
  nextMove(now: number): { readonly podId: string; readonly at: number } | null {
    let next: { podId: string; at: number } | null = null;
    for (const [podId, at] of this.#nextMoves)
      if (at !== null && at <= now && (next === null || at < next.at)) next = { podId, at };
    return next;
  }

  /** Moves the line of a pod. */
  move(podId: string, now: number): Called[] {
    const settings = this.#settings.get(podId);
    const { state, roster } = this.#run.pod(podId);
    if (settings === undefined || state.waiting.length === 0) return [];
    const drawn = drawForWaiting({ state, roster, settings, now }).map((claim) => ({
      key: claim,
      claim,
    }));
    const overdue = callOverdue({ state, now }).map((key) => ({ key, claim: null }));
    const called = [...drawn, ...overdue].flatMap(({ key, claim }): Called[] => {
      const parked = this.leave(key);
      return parked ? [{ ...parked, claim }] : [];
    });
    this.#foresee(podId, now);
    return called;
  }

  #foresee(podId: string, now: number): void {
    const settings = this.#settings.get(podId);
    const { state, roster } = this.#run.pod(podId);
    if (settings) this.#nextMoves.set(podId, nextMove({ state, roster, settings, now }));
  }
}
