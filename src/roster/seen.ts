import { canonicalJson } from "../rules/chain.ts";

/**
 * What an editor saw of a row before they changed it, null = that there was none: the change is made only if it still stands
 * so, looked at in the very transaction that changes it. Undefined = they did not look.
 */
export type Seen<Value> = Value | null | undefined;

/** Somebody else changed the row since it was seen: nothing was done. */
export interface Overtaken {
  readonly outcome: "overtaken";
}

/** Whether the row was overtaken, told from how a transaction that left no event for it found it. */
export function isOvertaken<Value>(seen: Seen<Value>, found: Value | null): boolean {
  return seen !== undefined && canonicalJson(seen) !== canonicalJson(found);
}
