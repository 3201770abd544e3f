import type { Chain } from "../rules/chain.ts";
import type { DecisionKey } from "./decision-key.ts";
import type { Query } from "../lib/query.ts";
import { wantDebits } from "./pending.ts";

/** The pods in which a lead got past the rotation counts. */
export function debitingPods(chain: Chain): string[] {
  return chain.pods.filter(({ settings }) => settings.debitOutside === true).map(({ id }) => id);
}

/** Statements that put this transaction's decisions past the rotation on the list; none where no pod counts them. */
export function wantDebitsIn(
  chain: Chain,
  keys: readonly DecisionKey[],
  due: number,
): readonly Query[] {
  const podIds = debitingPods(chain);
  return podIds.length === 0 ? [] : [wantDebits(keys, podIds, due)];
}
