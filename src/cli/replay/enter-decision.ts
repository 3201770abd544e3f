import type { Chain } from "../../rules/chain.ts";
import type { Claim } from "../../pod/index.ts";
import { followDraw } from "./follow-draw.ts";
import type { RecordedDecision } from "./record.ts";
import type { Run } from "./run.ts";

/**
 * Enters a decision as it was recorded, whatever the run would have decided: its draws into the ledgers, its owner into
 * the counts. Changes `run`.
 * @param chain the chain that decided; null = unknown
 */
export function enterDecision(run: Run, decision: RecordedDecision, chain: Chain | null): void {
  const { leadId, generation, ownerId, podId, claimSeq, decidedAt: at } = decision;
  for (const step of decision.trail) {
    if (step.podId === undefined || step.candidates === undefined) continue;
    const settings = chain?.pods.find(({ id }) => id === step.podId)?.settings ?? null;
    const seq = step.outcome === "matched" ? claimSeq : null;
    followDraw(run.podToDraw(step.podId, at), { step, claimSeq: seq, at }, settings);
  }
  const day = ownerId === null ? null : run.setting.history.dayOf(ownerId, at);
  const claimed =
    podId === null || ownerId === null || day === null || claimSeq === null
      ? null
      : {
          podId,
          claim: settledClaim({
            leadId,
            generation,
            repId: ownerId,
            seq: claimSeq,
            day,
            claimedAt: at,
          }),
        };
  run.count({ leadId, generation, ownerId, day, claimed });
}

function settledClaim(
  claim: Pick<Claim, "leadId" | "generation" | "repId" | "seq" | "day" | "claimedAt">,
): Claim {
  return { ...claim, state: "settled", open: true, credits: {}, draw: null };
}
