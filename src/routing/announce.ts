import type { DecisionKey } from "../record/decision-key.ts";
import type { Deps } from "../ports/deps.ts";

/** Hands decisions nobody was told of yet to the notifications queue: one send per pass. */
export async function announce(deps: Deps, decided: readonly DecisionKey[]): Promise<void> {
  if (decided.length === 0) return;
  const decisions = decided.map(({ leadId, generation }) => ({ leadId, generation }));
  await deps.notifications.send([{ decisions }]);
}
