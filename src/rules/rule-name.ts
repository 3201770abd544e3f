import type { RuleKind } from "./trail.ts";

/** @throws {Error} when a rule has no name: its trail could not be read */
export function checkRuleName(kind: RuleKind, name: string): void {
  if (name.trim() === "") {
    throw new Error(`a rule of kind "${kind}" has no name: give it one that a rep understands`);
  }
}
