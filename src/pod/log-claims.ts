import type { Log } from "../log.ts";
import type { ClaimAnswer } from "./port.ts";

/** Says of each lead that a pod was asked for what it answered: a line of the lead's trace, from the pod's own side. */
export function logClaims(log: Log, pod: string, answer: ClaimAnswer): void {
  if (answer.outcome === "behind") return log("info", "pod_behind", { pod });
  for (const { leadId, generation, outcome } of answer.results)
    log("info", "pod_asked", { leadId, generation, pod, outcome });
}
