/** One group of figures, under one name: `npm run bench -- --only NAME`. */
export interface Bench {
  readonly name: string;
  /** Measures. Rejects when something went wrong: a figure is measured or missing, never guessed. */
  run(progress: Progress): Promise<Section>;
}

/** Says on the terminal how far a bench is; never part of the result. */
export type Progress = (line: string) => void;

/** What a bench found: a section of docs/performance.md. */
export interface Section {
  readonly title: string;
  /** What was done, in a few sentences: load, batch, what the reference is. */
  readonly intro: string;
  readonly figures: readonly Figure[];
  /** Further tables, for what is no single figure: a cost by kind of lead, a growth by size. */
  readonly tables?: readonly Table[];
  /** What limits these figures, and what the platform's published limits make of them in production. */
  readonly limits: readonly string[];
}

export interface Figure {
  readonly name: string;
  /** "rows", "requests/s", "ms", "KiB" */
  readonly unit: string;
  /** The median of the rounds, or the one value of a meter that always counts the same. */
  readonly value: number;
  /** Of the rounds; null = counted, not timed: it is the same each time. */
  readonly spread: Spread | null;
  /** The same work by the reference, in this run. */
  readonly reference?: { readonly name: string; readonly value: number };
  /** What is aimed at, and of what: of the value, or of the ratio value / reference. */
  readonly target?: Target;
}

export interface Spread {
  readonly min: number;
  readonly max: number;
  readonly rounds: number;
}

interface Target {
  readonly of: "value" | "ratio";
  readonly at: "least" | "most";
  readonly limit: number;
}

export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  /** As many cells as there are columns; numbers are aligned to the right. */
  readonly rows: readonly (readonly (string | number)[])[];
}

/** Value / reference; null without a reference. */
export function ratioOf({ value, reference }: Figure): number | null {
  return reference === undefined ? null : value / reference.value;
}

/** Whether the target is met; null without one. */
export function keepsTarget(figure: Figure): boolean | null {
  const { target } = figure;
  if (target === undefined) return null;
  const measured = target.of === "value" ? figure.value : ratioOf(figure);
  if (measured === null) return false;
  return target.at === "least" ? measured >= target.limit : measured <= target.limit;
}
