import type { Deps } from "../ports/deps.ts";
import { failureMessage } from "../lib/failure.ts";
import type { Verdict } from "./commit.ts";

/**
 * Gives back this pass's own claims where a decision stands that names another: positive evidence. What cannot
 * be given back now, the pod's alarm finds.
 */
export async function giveBackLosers(deps: Deps, verdicts: readonly Verdict[]): Promise<void> {
  const losers = new Map<string, number[]>();
  for (const verdict of verdicts) {
    if (verdict.outcome !== "decided") continue;
    const { standing, draft } = verdict;
    for (const { podId, seq } of draft.journey.claims) {
      if (podId === standing.podId && seq === standing.claimSeq) continue;
      losers.set(podId, [...(losers.get(podId) ?? []), seq]);
    }
  }
  await Promise.all(
    [...losers].map(async ([podId, seqs]) => {
      try {
        await deps.pod(podId).giveBack(seqs);
      } catch (error) {
        deps.log("warn", "give_back_left_to_alarm", {
          pod: podId,
          claims: seqs.length,
          error: failureMessage(error),
        });
      }
    }),
  );
}
