import { Problem } from "./problem.ts";

/**
 * Answers a change only when every pod concerned has it.
 * @throws {Problem} unavailable, naming the pods that have not confirmed: the same request made again completes it
 */
export function requireConfirmed(unconfirmed: readonly string[]): void {
  if (unconfirmed.length === 0) return;
  const pods =
    unconfirmed.length === 1
      ? `the pod ${unconfirmed[0]} has`
      : `the pods ${unconfirmed.join(", ")} have`;
  throw new Problem(
    "unavailable",
    `The change is saved, but ${pods} not confirmed it and may still go by what was before. Repeat the request.`,
  );
}
