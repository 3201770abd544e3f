import { appendCommit } from "./commits.ts";
import { ownersIn } from "./decisions.ts";
import { leadEvent } from "./event.ts";
import { insertEvents } from "./events.ts";
import type { DecisionKey } from "./decision-key.ts";
import type { Deps } from "../ports/deps.ts";
import { failureMessage } from "../lib/failure.ts";
import { rows, transaction, type Query } from "../lib/query.ts";
import { finish, wantDebits } from "./pending.ts";

/** The pods in which a lead got past the rotation counts. */
function debitingPods({ chain }: Pick<Deps, "chain">): string[] {
  return chain.pods.filter(({ settings }) => settings.debitOutside === true).map(({ id }) => id);
}

/** Statements that put this transaction's decisions past the rotation on the list; none where no pod counts them. */
export function wantDebitsIn(
  deps: Deps,
  keys: readonly DecisionKey[],
  due: number,
): readonly Query[] {
  const podIds = debitingPods(deps);
  return podIds.length === 0 ? [] : [wantDebits(keys, podIds, due)];
}

/**
 * Has each pod debit its member for leads they got past the rotation, records it, and takes the rows off the list. A pod that
 * is away: next time. Each pod enters a decision once, however often it is asked.
 */
export async function enterDebits(deps: Deps, keys: readonly DecisionKey[]): Promise<void> {
  if (keys.length === 0) return;
  const owners = await rows(deps.db, ownersIn(keys, debitingPods(deps)));
  const byPod = Map.groupBy(owners, ({ podId }) => podId);
  try {
    await Promise.all([...byPod].map(([podId, debits]) => deps.pod(podId).debit(debits)));
  } catch (error) {
    deps.log("warn", "debits_put_off", { decisions: keys.length, error: failureMessage(error) });
    return;
  }
  const now = deps.now();
  const events = owners.map(({ repId, podId, ...key }) =>
    leadEvent(deps.newId(), key, {
      kind: "ledger_debited",
      occurredAt: now,
      detail: { podId, repId },
    }),
  );
  await transaction(deps.db, [
    insertEvents(events),
    appendCommit(now, [], events),
    finish("debit", keys),
  ]);
}
