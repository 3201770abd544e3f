import { appendCommit, insertEvents, sourceTroubleEvent } from "../../record/events.ts";
import type { Deps } from "../../ports/deps.ts";
import { failureMessage } from "../../lib/failure.ts";
import { tellOnce } from "../../notify/index.ts";
import { rows, transaction } from "../../lib/query.ts";
import { markTold, untoldAlarms, type Alarm } from "./alarms.ts";
import { dropOutlived } from "./deliveries.ts";
import { troubleMessage } from "./trouble-message.ts";

/** Deliveries dropped per minute: more than all sources together may leave in one, and at their largest a tenth of a GB. */
const DROP_LIMIT = 200;
/** Alarms in one message: a line each. */
const ALARM_LIMIT = 10;

/** Drops what was kept for long enough, and tells ops of sources in trouble. Runs beside the sweep and never rejects: what is left goes next time. */
export async function tendWebhooks(deps: Deps): Promise<void> {
  try {
    const dropped = await rows(deps.db, dropOutlived(deps.now(), DROP_LIMIT));
    if (dropped.length > 0)
      deps.log("info", "webhook_deliveries_dropped", { rows: dropped.length });
    await tellOfSources(deps);
  } catch (error) {
    deps.log("warn", "webhooks_not_tended", { error: failureMessage(error) });
  }
}

/** From here and not from the door: a sender waits seconds at most, and Slack may take longer. */
async function tellOfSources(deps: Deps): Promise<void> {
  const alarms = await rows(deps.db, untoldAlarms(ALARM_LIMIT));
  if (alarms.length === 0) return;
  const untold = { event: "webhook_trouble_not_told", detail: { alarms: alarms.length } };
  await tellOnce(deps, { message: troubleMessage(alarms), untold }, (cause) =>
    record(deps, alarms, cause),
  );
}

/** @param untold why ops could not be told; null = they were */
async function record(deps: Deps, alarms: readonly Alarm[], untold: string | null): Promise<void> {
  const now = deps.now();
  const events = alarms.map(({ source, reason, raisedAt }) =>
    sourceTroubleEvent(deps.newId(), source, now, { reason, since: raisedAt, untold }),
  );
  await transaction(deps.db, [
    insertEvents(events),
    appendCommit(now, [], events),
    markTold(alarms, now),
  ]);
}
