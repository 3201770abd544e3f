import type { Chain } from "../../rules/chain.ts";
import { type Pod, waitLimitMs } from "../../rules/pod.ts";
import type { Finding } from "./finding.ts";
import { quoteNames } from "../../rules/explain.ts";

const HOUR_MS = 60 * 60 * 1000;
/** A lead answered a day later is cold by any measure; a longer wait before other rules may help is more likely a slip. */
const LONG_WAIT_MS = 24 * HOUR_MS;

/**
 * Pods that no rule sends to, that take no leads by their own settings, or that keep leads long from the rules below.
 * @param declared every pod that rules.ts makes, used or not
 */
export function findPodProblems(
  { rules, pods }: Chain,
  declared: readonly Pod[],
): readonly Finding[] {
  const unused = new Set(
    declared.map(({ id }) => id).filter((id) => !pods.some((pod) => pod.id === id)),
  );
  return [
    ...[...unused].map(unusedPod),
    ...pods.flatMap((pod) => {
      const names = rules.filter((rule) => rule.pod?.id === pod.id).map(({ name }) => name);
      const passesOn = rules.slice(0, -1).filter((rule) => rule.pod?.id === pod.id);
      return [
        ...findZeroCaps(pod, names),
        ...findLongWait(
          pod,
          passesOn.map(({ name }) => name),
        ),
      ];
    }),
  ];
}

function unusedPod(id: string): Finding {
  return {
    severity: "warning",
    kind: "unused_pod",
    rules: [],
    pods: [id],
    says: `No rule sends to the pod ${id}: its members get no leads from the rules.`,
    advice: "Add a rule that sends to it, or delete it.",
  };
}

function findZeroCaps({ id, settings }: Pod, rules: readonly string[]): readonly Finding[] {
  const caps = (["dailyCap", "openCap"] as const).filter((cap) => settings[cap] === 0);
  return caps.map((cap) => ({
    severity: "warning",
    kind: "zero_cap",
    rules,
    pods: [id],
    says: `Members of ${id} without a cap of their own get no leads: its ${cap} is 0.`,
    advice: `Raise ${cap}, or leave it out for no cap.`,
  }));
}

function findLongWait({ id, settings }: Pod, rules: readonly string[]): readonly Finding[] {
  const limit = waitLimitMs(settings) ?? 0;
  if (limit <= LONG_WAIT_MS || rules.length === 0) return [];
  return [
    {
      severity: "warning",
      kind: "long_wait",
      rules,
      pods: [id],
      says: `A lead may wait ${Math.round(limit / HOUR_MS)} hours in ${id} before the rules below ${quoteNames(rules)} see it.`,
      advice: "Shorten waitAtMost, unless nobody else could take such a lead anyway.",
    },
  ];
}
