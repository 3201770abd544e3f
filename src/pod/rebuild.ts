import type { PodCore } from "./pod.ts";
import { RouterError } from "../lib/failure.ts";
import { archivedClaimsOf } from "../record/archives.ts";
import { readPodDecisions } from "../record/pod-decisions.ts";
import type { DecisionKey } from "../record/decision-key.ts";
import { rosterFromRow, rosterRows } from "../roster/index.ts";
import { rows, transaction } from "../lib/query.ts";
import { overOf } from "./settlement.ts";
import { countArchivedClaims } from "./recount.ts";

/** A call of an older epoch than the pod: its caller reads D1 again. */
class StaleEpochError extends RouterError {
  constructor() {
    super("the pod belongs to a later epoch");
  }
}

/**
 * Keeps calls of different epochs apart. A call of a later epoch than the pod's has the pod count again from D1 before it is
 * served, and one of an older epoch is refused. While the pod counts, across awaits, the calls of the new epoch wait and those
 * of the old one are refused already: nobody else moves what is being counted.
 */
export class EpochGate {
  readonly #core: PodCore;
  readonly #rebuild: (epoch: number) => Promise<void>;
  #rebuilding: { readonly epoch: number; readonly done: Promise<void> } | null = null;

  /** @param countAgain has the pod count again; resolves when it belongs to the epoch */
  constructor(core: PodCore, countAgain: (epoch: number) => Promise<void>) {
    this.#core = core;
    this.#rebuild = countAgain;
  }

  /**
   * Does a step in an epoch. With the pod in that epoch there is no await before the step.
   * @throws {StaleEpochError} when the pod belongs to a later one
   */
  async at<Result>(epoch: number, step: () => Result): Promise<Result> {
    if (epoch > this.#core.epoch) await this.reach(epoch);
    if (epoch < Math.max(this.#core.epoch, this.#rebuilding?.epoch ?? 0))
      throw new StaleEpochError();
    return step();
  }

  /** Resolves when the pod belongs to this epoch or a later one; rejects when D1 could not be read: then it counts at the next call. */
  async reach(epoch: number): Promise<void> {
    while (epoch > this.#core.epoch) {
      this.#rebuilding ??= {
        epoch,
        done: this.#rebuild(epoch).finally(() => {
          this.#rebuilding = null;
        }),
      };
      await this.#rebuilding.done;
    }
  }
}

/**
 * Has a pod count again from D1, in steps of bounded size, and then belong to the epoch. Other requests come in between the steps,
 * but none that counts: D1 takes no decision by a claim of an older epoch any more, and in this one the pod has drawn none.
 * Safe to break off: the pod stays as it was until the last step.
 * @param now for absences that have ended, in milliseconds since the epoch
 */
export async function rebuild(
  core: PodCore,
  db: D1Database,
  podId: string,
  epoch: number,
  now: number,
): Promise<void> {
  const recount = core.beginRecount();
  const archivedBefore = await rows(db, archivedClaimsOf(podId));
  let after: DecisionKey | null = null;
  do {
    const { decisions, next } = await readPodDecisions(db, podId, after);
    core.count(recount, decisions);
    after = next;
  } while (after !== null);
  const [[row], over, archived] = await transaction(db, [
    rosterRows([podId], now),
    overOf(core.waiting),
    archivedClaimsOf(podId),
  ]);
  // What went from D1 into the archive meanwhile would be counted twice, or not at all: next time.
  if (JSON.stringify(archived) !== JSON.stringify(archivedBefore))
    throw new RouterError("decisions were archived while they were counted");
  countArchivedClaims(recount, archived);
  const roster = row ? rosterFromRow(row) : { podId, version: 0, members: [] };
  core.adoptRecount(recount, { roster, over }, epoch);
}
