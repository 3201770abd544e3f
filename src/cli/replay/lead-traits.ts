import type { Lead } from "../../rules/lead.ts";

/** Values a trait lists at most: beyond, a sentence is no help. */
const LIMIT = 4;

/** What leads have in common. Null = too various to say. */
export interface Traits {
  /** Lowest and highest score; null when none has one. */
  readonly scores: readonly [lowest: number, highest: number] | null;
  /** Leads without a score. */
  readonly unscored: number;
  readonly countries: readonly string[] | null;
  readonly sources: readonly string[] | null;
}

/** Gathers what leads have in common. */
export class LeadTraits {
  #lowest = Infinity;
  #highest = -Infinity;
  #unscored = 0;
  readonly #countries = new FewValues();
  readonly #sources = new FewValues();

  add({ score, countryCode, source }: Lead): void {
    if (score === null) this.#unscored += 1;
    else {
      this.#lowest = Math.min(this.#lowest, score);
      this.#highest = Math.max(this.#highest, score);
    }
    this.#countries.add(countryCode);
    this.#sources.add(source);
  }

  result(): Traits {
    return {
      scores: this.#lowest > this.#highest ? null : [this.#lowest, this.#highest],
      unscored: this.#unscored,
      countries: this.#countries.result(),
      sources: this.#sources.result(),
    };
  }
}

class FewValues {
  readonly #values = new Set<string>();
  #tooMany = false;

  add(value: string | null): void {
    if (value === null) this.#tooMany = true;
    else if (this.#values.size <= LIMIT) this.#values.add(value);
  }

  result(): readonly string[] | null {
    return this.#tooMany || this.#values.size > LIMIT ? null : [...this.#values].toSorted();
  }
}
