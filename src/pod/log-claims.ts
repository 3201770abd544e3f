import type { Log } from "../lib/log.ts";
import type { ClaimAnswer } from "../ports/pod.ts";

/**
 * Says what a pod answered to one call: a line a batch, from the pod's own side. Each lead's own line, `routed`, names its pod.
 */
export function logClaims(log: Log, pod: string, answer: ClaimAnswer): void {
  if (answer.outcome === "behind") return log("info", "pod_behind", { pod });
  const claims = answer.results.filter(({ outcome }) => outcome === "claimed").length;
  log("info", "pod_asked", { pod, leads: answer.results.length, claims });
}
