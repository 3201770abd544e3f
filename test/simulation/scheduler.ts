import type { Random } from "./random.ts";

/** Something that happens at an instant. */
interface Happening {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/**
 * Owns time. Everything that takes time in the simulation is a happening here; between two of them the code
 * under test runs until it waits for the next. One seed, one order of happenings.
 */
export class Scheduler {
  now: number;
  readonly random: Random;
  readonly #heap: Happening[] = [];
  #order = 0;
  /** Happenings so far. */
  count = 0;

  constructor(start: number, random: Random) {
    this.now = start;
    this.random = random;
  }

  /** Has `run` happen after so many milliseconds. */
  after(milliseconds: number, run: () => void): void {
    this.#push({ at: this.now + milliseconds, order: this.#order++, run });
  }

  sleep(milliseconds: number): Promise<void> {
    return new Promise((resolve) => this.after(milliseconds, resolve));
  }

  /** Lets things happen until none is left, or `until` says so. At most `limit` of them. */
  async run(until: () => boolean, limit: number): Promise<"done" | "empty" | "limit"> {
    for (const end = this.count + limit; this.count < end;) {
      if (until()) return "done";
      const next = this.#pop();
      if (next === undefined) return "empty";
      this.count++;
      this.now = Math.max(this.now, next.at);
      next.run();
      // Everything the happening woke runs until it waits again: a macrotask comes after all microtasks.
      await new Promise((resolve) => setImmediate(resolve));
    }
    return "limit";
  }

  // A binary heap by instant, then by order of arrival.

  #push(happening: Happening): void {
    const heap = this.#heap;
    let at = heap.push(happening) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!precedes(happening, heap[parent])) break;
      heap[at] = heap[parent] as Happening;
      at = parent;
    }
    heap[at] = happening;
  }

  #pop(): Happening | undefined {
    const heap = this.#heap;
    const [first] = heap;
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (precedes(heap[child + 1], heap[child])) child++;
      if (!precedes(heap[child], last)) break;
      heap[at] = heap[child] as Happening;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}

function precedes(one: Happening | undefined, other: Happening | undefined): boolean {
  if (one === undefined || other === undefined) return false;
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}
