import type { Example } from "./difference.ts";

/** Examples kept: as many as somebody may read. */
const LIMIT = 100;
/** Of shifts within a rotation a few are enough: nothing but balances differs in their trails. */
const SHIFT_LIMIT = 10;

/** Keeps a hundred examples: of every kind some, and of a kind the first. */
export class Examples {
  readonly #kinds = new Map<string, Example[]>();
  #size = 0;

  add(kind: string, isRouted: boolean, example: Example): void {
    const known = this.#kinds.get(kind) ?? [];
    if (!isRouted && known.length >= SHIFT_LIMIT) return;
    if (this.#size === LIMIT) {
      const largest = this.#largest();
      if (largest.length <= known.length + 1) return;
      largest.pop();
      this.#size -= 1;
    }
    known.push(example);
    this.#kinds.set(kind, known);
    this.#size += 1;
  }

  result(): Example[] {
    return [...this.#kinds.values()].flat();
  }

  #largest(): Example[] {
    let largest: Example[] = [];
    for (const examples of this.#kinds.values())
      if (examples.length > largest.length) largest = examples;
    return largest;
  }
}
