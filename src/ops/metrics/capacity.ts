import type { Pod } from "../../rules/pod.ts";
import type { Deps } from "../../ports/deps.ts";
import { classifyFailure } from "../../lib/failure.ts";

/** A pod in which somebody could take a lead now. */
export interface Capacity {
  readonly pod: Pod;
  /** Members who are eligible. */
  readonly eligible: number;
}

/** The pods of the chain in which somebody is eligible, most of them first. One that does not answer counts as having nobody. */
export async function findCapacity({
  chain,
  pod: portOf,
  log,
}: Pick<Deps, "chain" | "pod" | "log">): Promise<readonly Capacity[]> {
  const asked = await Promise.all(
    chain.pods.map(async (pod): Promise<Capacity> => {
      try {
        const { members } = await portOf(pod.id).snapshot();
        const eligible = members.filter(({ eligibility }) => eligibility === "eligible");
        return { pod, eligible: eligible.length };
      } catch (error) {
        log("warn", "pod_not_asked", { pod: pod.id, failure: classifyFailure(error) });
        return { pod, eligible: 0 };
      }
    }),
  );
  return asked.filter(({ eligible }) => eligible > 0).toSorted((a, b) => b.eligible - a.eligible);
}
