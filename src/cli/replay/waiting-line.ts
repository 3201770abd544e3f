import type { PodStop } from "../../rules/walk.ts";
import { type DecisionKey, keyOf } from "../../record/decision-key.ts";
import {
  callOverdue,
  type Claim,
  drawForWaiting,
  stopWaiting,
  nextMove,
  startWaiting,
} from "../../pod/index.ts";
import type { Journey } from "./journey.ts";
import type { Run } from "./run.ts";

/** A journey that stands in a pod's line. */
export interface Parked {
  readonly journey: Journey;
  readonly stop: PodStop;
}

/** What the line let go: with a claim when somebody was drawn, without when the wait was over. */
export interface Called extends Parked {
  readonly claim: Claim | null;
  readonly at: number;
}

/** The lines of a run's pods. They move as the pods' own do: at each draw, release and change of a roster, and by themselves. */
export class WaitingLines {
  readonly #run: Run;
  readonly #parked = new Map<string, Parked>();
  /** When each pod's line may move by itself; null = only from outside. */
  readonly #nextMoves = new Map<string, number | null>();
  /** The settings each line was joined under: those of the chain that sent the last lead there. */
  readonly #settings = new Map<string, PodStop["pod"]["settings"]>();

  constructor(run: Run) {
    this.#run = run;
  }

  /** Puts a journey in line. False when the line is full: it walks on. */
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

  /** Takes a lead out of every line: a later generation takes its place. */
  leave(key: DecisionKey): Parked | null {
    const parked = this.#parked.get(keyOf(key));
    if (!parked) return null;
    this.#parked.delete(keyOf(key));
    stopWaiting(this.#run.pod(parked.stop.pod.id).state, key);
    return parked;
  }

  /** Journeys that stand in line still. */
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
    const claims = drawForWaiting({ state, roster, settings, now });
    const overdue = callOverdue({ state, now });
    const called = [
      ...claims.map((claim) => ({ key: claim, claim })),
      ...overdue.map((key) => ({ key, claim: null })),
    ].flatMap(({ key, claim }): Called[] => {
      const parked = this.leave(key);
      return parked ? [{ ...parked, claim, at: now }] : [];
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
