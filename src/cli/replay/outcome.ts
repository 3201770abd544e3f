import type { RecordedStep } from "./record.ts";

/** Who gets a lead, by which rule and out of which pod; all null = nobody. */
export interface Outcome {
  readonly rule: string | null;
  readonly podId: string | null;
  readonly ownerId: string | null;
  readonly trail: readonly RecordedStep[];
}

/**
 * How two outcomes of one decision differ, the gravest first: `pod` = the lead goes somewhere else altogether (another
 * pod, the owner of an account, nobody); `rule` = another rule brings it to the same pod; `owner` = the same rule and pod, but
 * the rotation has shifted.
 */
export type Change = "pod" | "rule" | "owner" | "none";

/** Null = the lead waits in line still. */
export function compareOutcomes(before: Outcome | null, after: Outcome | null): Change {
  if (placeOf(before) !== placeOf(after)) return "pod";
  if (before?.rule !== after?.rule) return "rule";
  if (before?.ownerId === after?.ownerId) return "none";
  // An account's owner is not one of a rotation.
  return before?.podId == null ? "pod" : "owner";
}

// Places that are no pods. No pod's id holds a space.
export const NOBODY = "nobody at all";
export const ACCOUNT_OWNER = "the account's owner";
export const IN_LINE = "in line still";

/** Where the lead goes, whoever takes it there: a pod's id, or one of the above. */
export function placeOf(outcome: Outcome | null): string {
  if (outcome === null) return IN_LINE;
  const { podId, ownerId } = outcome;
  return podId ?? (ownerId === null ? NOBODY : ACCOUNT_OWNER);
}
