import { type DecisionKey, keyOf } from "../../record/decision-key.ts";
import type { Outcome } from "./outcome.ts";

/** One decision as it was, as the rules that made it decide it in a run of their own, and as the new rules do. */
export interface Compared extends DecisionKey {
  readonly recorded: Outcome;
  /** Null = it waits in line at the end. */
  readonly before: Outcome | null;
  readonly after: Outcome | null;
}

interface Parts {
  recorded?: Outcome;
  before?: Outcome | null;
  after?: Outcome | null;
}

/** Puts together what the runs say of each decision, in whatever order they say it; keeps only what is not complete yet. */
export class Pairs {
  readonly #parts = new Map<string, Parts>();
  readonly #onCompared: (compared: Compared) => void;

  constructor(onCompared: (compared: Compared) => void) {
    this.#onCompared = onCompared;
  }

  add(key: DecisionKey, part: Parts): void {
    const name = keyOf(key);
    const { recorded, before, after } = { ...this.#parts.get(name), ...part };
    if (recorded === undefined || before === undefined || after === undefined) {
      this.#parts.set(name, {
        ...(recorded !== undefined && { recorded }),
        ...(before !== undefined && { before }),
        ...(after !== undefined && { after }),
      });
      return;
    }
    this.#parts.delete(name);
    this.#onCompared({ leadId: key.leadId, generation: key.generation, recorded, before, after });
  }
}
