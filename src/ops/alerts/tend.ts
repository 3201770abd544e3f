import { alertEvent, appendCommit, insertEvents } from "../../record/events.ts";
import type { Deps } from "../../ports/deps.ts";
import { failureMessage } from "../../lib/failure.ts";
import { tellOnce } from "../../notify/index.ts";
import { transaction } from "../../lib/query.ts";
import { ALERTS } from "./alert.ts";
import { alertMessage, type AlertNews } from "./alert-message.ts";
import { dropOldDeadLetters } from "../../record/dead-letters.ts";
import { readLimits } from "./limits.ts";
import { measureAlerts } from "./measure.ts";
import { dropQuiet, keepStates, markTold, type NamedState } from "./states.ts";
import { stepAlert, type AlertState } from "./step.ts";

/**
 * Looks whether a limit was reached or is kept again, and tells ops: once each, also when Slack was away meanwhile. Runs after the
 * rollup, beside the sweep, and never rejects: what is not done now is done in a minute. Writes nothing while all is well.
 */
export async function tendAlerts(deps: Deps): Promise<void> {
  try {
    const limits = readLimits(deps);
    const look = await measureAlerts(deps);
    const now = deps.now();
    const stood = ALERTS.map(({ name }) => {
      const [before, value] = [look.stateOf(name), look.valueOf(name)];
      const limit = limits.get(name) ?? null;
      return { name, value, limit, before, state: stepAlert(before, value, limit, now) };
    });
    const changed = stood.filter(({ before, state }) => !isSame(before, state));
    for (const { name, value, limit, before, state } of changed)
      if (state.news !== null && state.news !== before.news)
        deps.log("warn", "alert", { alert: name, state: state.news, value, limit });
    await transaction(deps.db, [
      ...(changed.length > 0 ? [keepStates(changed), dropQuiet()] : []),
      dropOldDeadLetters(now),
    ]);
    await tell(deps, stood);
  } catch (error) {
    deps.log("error", "alerts_not_checked", { error: failureMessage(error) });
  }
}

interface Stood extends NamedState {
  readonly value: number | null;
  readonly limit: number | null;
}

async function tell(deps: Deps, stood: readonly Stood[]): Promise<void> {
  const untold = stood.filter(({ state }) => state.news !== null);
  if (untold.length === 0) return;
  const message = alertMessage(untold.flatMap(newsOf));
  const line = { event: "alerts_not_told", detail: { count: untold.length } };
  await tellOnce(deps, { message, untold: line }, (cause) => record(deps, untold, cause));
}

function newsOf({ name, value, limit, state: { news, raisedAt, calmSince } }: Stood): AlertNews[] {
  return news === null || limit === null ? [] : [{ name, news, value, limit, raisedAt, calmSince }];
}

/** @param untold why ops could not be told; null = they were */
async function record(deps: Deps, stood: readonly Stood[], untold: string | null): Promise<void> {
  const now = deps.now();
  const events = stood.map(({ name, value, limit, state }) =>
    alertEvent(deps.newId(), name, now, { state: state.news, value, limit, untold }),
  );
  await transaction(deps.db, [
    insertEvents(events),
    appendCommit(now, [], events),
    markTold(stood, now),
    dropQuiet(),
  ]);
}

function isSame(one: AlertState, other: AlertState): boolean {
  return (
    one.raisedAt === other.raisedAt &&
    one.calmSince === other.calmSince &&
    one.news === other.news &&
    one.toldAt === other.toldAt &&
    one.toldValue === other.toldValue
  );
}
