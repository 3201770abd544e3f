import type { Chain } from "../../rules/chain.ts";
import type { DecisionKey } from "../../record/decision-key.ts";
import type { Run } from "./run.ts";

/** The sweep looks once a minute, on the minute: the schedule of wrangler.toml. */
const SWEEP_MS = 60_000;

interface Chore {
  readonly at: number;
  /** Does it; yields the pods in which a slot came free. */
  readonly run: () => readonly string[];
}

/** What decisions leave to the next sweep: slots to be freed, and leads past the rotation to be debited. */
export class SweepChores {
  readonly #run: Run;
  #chores: Chore[] = [];
  #done = 0;

  constructor(run: Run) {
    this.#run = run;
  }

  release(key: DecisionKey, now: number): void {
    this.#add(now, () => {
      const podId = this.#run.release(key);
      return podId === null ? [] : [podId];
    });
  }

  /** Debits the owner in those pods of the chain that count leads past the rotation and have them as a member. */
  debit(repId: string, chain: Chain, now: number): void {
    const { history } = this.#run.setting;
    const isIn = (podId: string) => history.isMember(podId, repId);
    const debiting = chain.pods.filter(({ id, settings }) => settings.debitOutside && isIn(id));
    if (debiting.length === 0) return;
    const at = nextSweep(now);
    this.#add(now, () => {
      for (const { id, settings } of debiting)
        if (isIn(id)) this.#run.debit(id, repId, settings, at);
      return [];
    });
  }

  /** The instant of the next chore, up to this one; null when there is none. */
  next(now: number): number | null {
    const at = this.#chores[this.#done]?.at;
    return at !== undefined && at <= now ? at : null;
  }

  /** Does the next chore. Yields the pods in which a slot came free. */
  doNext(): readonly string[] {
    const chore = this.#chores[this.#done++];
    if (this.#done === this.#chores.length) {
      this.#chores = [];
      this.#done = 0;
    }
    return chore?.run() ?? [];
  }

  #add(now: number, run: () => readonly string[]): void {
    // Runs go forward only, so chores stand in order.
    this.#chores.push({ at: nextSweep(now), run });
  }
}

/** The first sweep after this instant. */
function nextSweep(now: number): number {
  return Math.floor(now / SWEEP_MS) * SWEEP_MS + SWEEP_MS;
}
