import { type DecisionKey, keyOf } from "../record/decision-key.ts";
import type { Deps } from "../ports/deps.ts";
import type { ClaimRequest, ClaimResult } from "../ports/pod.ts";
import { rosterFromRow, rosterRows } from "../roster/index.ts";
import { rows } from "../lib/query.ts";

/**
 * Asks one pod for a rep for each lead: one RPC. A pod that holds an older roster than the facts showed
 * says so and gets the roster first. Rejects when the pod cannot answer, or belongs to a later epoch than the facts: that is
 * a retry, never "nobody".
 */
export async function askPod(
  deps: Deps,
  podId: string,
  request: ClaimRequest,
  epoch: number,
): Promise<(key: DecisionKey) => ClaimResult> {
  const pod = deps.pod(podId);
  let answer = await pod.claim(request, epoch);
  if (answer.outcome === "behind") {
    const [row] = await rows(deps.db, rosterRows([podId], deps.now()));
    if (row) await pod.accept(rosterFromRow(row), row.epoch);
    answer = await pod.claim(request, epoch);
  }
  if (answer.outcome === "behind")
    throw new Error(`pod ${podId} is behind version ${request.version}`);
  const resultOf = new Map(answer.results.map((result) => [keyOf(result), result]));
  return (key) => {
    const result = resultOf.get(keyOf(key));
    if (!result) throw new Error(`pod ${podId} left out a lead it was asked for`);
    return result;
  };
}
