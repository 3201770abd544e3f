import type { Draw, TrailStep } from "./trail.ts";
import { explainNobody } from "./explain.ts";
import type { OwnerStop, PodStop } from "./walk.ts";

/** The step of a rule whose pod gave the lead to `picked`. */
export function matchedByPod(stop: PodStop, draw: Draw, picked: string): TrailStep {
  return {
    ...begin(stop),
    outcome: "matched",
    reason: stop.reason,
    podId: stop.pod.id,
    ...candidatesOf(draw),
    picked,
    ...(draw.runnerUp === null ? {} : { runnerUp: draw.runnerUp }),
  };
}

/** The step of a rule that matched but whose pod had nobody: the walk goes on. */
export function nobodyIn(stop: PodStop, draw: Pick<Draw, "candidates" | "others">): TrailStep {
  const podId = stop.pod.id;
  return {
    ...begin(stop),
    outcome: "no_eligible_rep",
    reason: `${stop.reason}, but ${explainNobody(podId, draw)}`,
    podId,
    ...candidatesOf(draw),
  };
}

/** The step of a rule that names the rep itself. */
export function matchedOwner(stop: OwnerStop): TrailStep {
  return { ...begin(stop), outcome: "matched", reason: stop.reason };
}

function begin({ rule }: PodStop | OwnerStop): Pick<TrailStep, "rule" | "kind"> {
  return { rule: rule.name, kind: rule.kind };
}

function candidatesOf({
  candidates,
  others,
}: Pick<Draw, "candidates" | "others">): Partial<TrailStep> {
  return others === undefined ? { candidates } : { candidates, others };
}
