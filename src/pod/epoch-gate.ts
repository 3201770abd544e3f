import type { PodCore } from "./pod.ts";
import { RouterError } from "../lib/failure.ts";

/** A call that goes by an older world than the pod: its caller reads D1 again. */
export class StaleEpochError extends RouterError {
  constructor() {
    super("the pod belongs to a later epoch");
  }
}

/**
 * Keeps calls of different epochs apart. A call of a later epoch than the pod's has the pod count anew from D1 before it is
 * served, and one of an older epoch is refused. While the pod counts, across awaits, the calls of the new epoch wait and those
 * of the old one are refused already: nobody else moves what is being counted.
 */
export class EpochGate {
  readonly #core: PodCore;
  readonly #rebuild: (epoch: number) => Promise<void>;
  #rebuilding: { readonly epoch: number; readonly done: Promise<void> } | null = null;

  /** @param rebuild has the pod count anew; resolves when it belongs to the epoch */
  constructor(core: PodCore, rebuild: (epoch: number) => Promise<void>) {
    this.#core = core;
    this.#rebuild = rebuild;
  }

  /**
   * Does a step in an epoch. With the pod in that epoch there is no await before the step.
   * @throws {StaleEpochError} when the pod belongs to a later one
   */
  async at<Result>(epoch: number, step: () => Result): Promise<Result> {
    while (epoch > this.#core.epoch) await this.#catchUp(epoch);
    if (epoch < Math.max(this.#core.epoch, this.#rebuilding?.epoch ?? 0))
      throw new StaleEpochError();
    return step();
  }

  /** Resolves when the pod belongs to this epoch or a later one; rejects when D1 could not be read: then it counts at the next call. */
  async reach(epoch: number): Promise<void> {
    while (epoch > this.#core.epoch) await this.#catchUp(epoch);
  }

  #catchUp(epoch: number): Promise<void> {
    this.#rebuilding ??= {
      epoch,
      done: this.#rebuild(epoch).finally(() => {
        this.#rebuilding = null;
      }),
    };
    return this.#rebuilding.done;
  }
}
