import type { Deps } from "../ports/deps.ts";
import type { Verdict } from "./commit.ts";

/**
 * Says what a pass decided: a line a lead. Of a decision that another pass took first that one has said it.
 * @param startedAt when the pass began, in milliseconds since the epoch
 */
export function logRouted(
  { log, now }: Pick<Deps, "log" | "now">,
  verdicts: readonly Verdict[],
  startedAt: number,
): void {
  const ms = now() - startedAt;
  for (const verdict of verdicts) {
    if (verdict.outcome !== "decided" || !isOwn(verdict)) continue;
    const { journey, proposal } = verdict.draft;
    const { leadId, generation, outcome, rule, podId, attempts, decidedAt } = proposal;
    const sinceReceivedMs = decidedAt - journey.lead.receivedAt;
    const found = { outcome, rule, pod: podId, attempts, sinceReceivedMs, ms };
    log("info", "routed", { leadId, generation, ...found });
  }
}

function isOwn({ draft: { proposal }, standing }: Verdict & { readonly outcome: "decided" }) {
  const { outcome, podId, claimSeq } = proposal;
  return standing.outcome === outcome && standing.podId === podId && standing.claimSeq === claimSeq;
}
