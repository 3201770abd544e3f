import type { Figure, Section } from "../bench.ts";
import { keepsTarget } from "../bench.ts";
import type { Machine } from "./machine.ts";

/** What became of a bench. */
export type Result =
  | { readonly name: string; readonly seconds: number; readonly section: Section }
  | { readonly name: string; readonly seconds: number; readonly failure: string };

/** A whole run. `--json` writes it as it is. */
export interface Report {
  /** ISO 8601, UTC. */
  readonly date: string;
  readonly command: string;
  readonly machine: Machine;
  readonly results: readonly Result[];
}

export function sectionsOf({ results }: Report): readonly Section[] {
  return results.flatMap((result) => ("section" in result ? [result.section] : []));
}

export function figuresOf(report: Report): readonly Figure[] {
  return sectionsOf(report).flatMap(({ figures }) => figures);
}

/** "kept" or "MISSED"; "" without a target. */
export function verdictOf(figure: Figure): "kept" | "MISSED" | "" {
  const kept = keepsTarget(figure);
  if (kept === null) return "";
  return kept ? "kept" : "MISSED";
}
