import type { Chain } from "../../rules/chain.ts";
import type { Lead } from "../../rules/lead.ts";
import { countOpen, OWN_CAP_REACHED } from "../../pod/index.ts";
import { enterDecision } from "./enter-decision.ts";
import { askPod, startJourney, walkOn, type Draw, type Journey } from "./journey.ts";
import type { Outcome } from "./outcome.ts";
import type { RecordedDecision } from "./record.ts";
import type { Run } from "./run.ts";

/** What a run says a decision must have been, before it is told. */
export interface Foreseen {
  readonly outcome: Outcome;
  /** Number that the pod's claim would have had; null without a claim. */
  readonly claimSeq: number | null;
  readonly journey: Journey;
}

/**
 * Says how the decision must come out, from nothing but what came before it. Leaves the run as it was. A pod that waits
 * is taken to have waited: the instant of the decision is that of the draw.
 */
export function foresee(
  run: Run,
  decision: RecordedDecision,
  chain: Chain,
  lead: Lead,
  excluded: Readonly<Record<string, string>>,
): Foreseen {
  const journey = startJourney(decision, chain, lead, excluded);
  for (const { id } of chain.pods) journey.waitedIn.add(id);
  const marks: (() => void)[] = [];
  const draw: Draw = (asking, stop, now) => {
    marks.push(run.podToDraw(stop.pod.id, now).mark());
    return askPod(run, asking, stop, now);
  };
  const progress = walkOn(run, journey, decision.decidedAt, draw);
  for (const { podId, claim } of journey.claims.toReversed()) run.pod(podId).giveBack(claim);
  for (const undo of marks.toReversed()) undo();
  if (progress.progress === "waits") throw new Error("a lead waits twice in one line");
  const { outcome } = progress;
  const last = outcome.podId === null ? undefined : journey.claims.at(-1);
  return { outcome, claimSeq: last?.claim.seq ?? null, journey };
}

/** Enters the decision as it was, and what the commit did with claims of people at their own cap. Changes `run`. */
export function follow(
  run: Run,
  decision: RecordedDecision,
  chain: Chain | null,
  foreseen: Foreseen | null,
): void {
  enterDecision(run, decision, chain);
  for (const { podId, claim } of foreseen?.journey.claims ?? []) {
    const { repId } = claim;
    if (!wasRefused(decision, podId, repId)) continue;
    // The trail told of the ledger with this claim still in it: it is counted, so that it can be given back.
    const pod = run.pod(podId);
    const line = pod.line(repId);
    if (line) {
      line.received += 1;
      line.lastSeq = claim.seq;
    }
    pod.state.standing += 1;
    pod.state.full[repId] = claim.day;
    countOpen(pod.state, repId, 1);
    pod.giveBack(claim);
  }
}

/** Whether the trail says of this member of the pod that the commit found them full. */
function wasRefused({ trail }: RecordedDecision, podId: string, repId: string): boolean {
  return trail.some(
    (step) =>
      step.podId === podId &&
      step.candidates?.some(
        (candidate) => candidate.repId === repId && candidate.reason === OWN_CAP_REACHED,
      ),
  );
}
