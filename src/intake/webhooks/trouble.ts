import { query, type Query, rows, sql, transaction } from "../../lib/query.ts";
import { notifyOpsOnce, opsMessage, type SlackMessage } from "../../notify/index.ts";
import type { Deps } from "../../ports/deps.ts";
import type { StoredRow } from "../../record/columns.ts";
import { appendCommit, insertEvents, sourceTroubleEvent } from "../../record/events.ts";
import { type webhookAlarms, webhookDeliveries } from "../../record/schema.ts";

/** Why a delivery became no lead. */
export const KEPT_REASONS = webhookDeliveries.reason.enumValues;
export type KeptReason = (typeof KEPT_REASONS)[number];

/** What is wrong with a source, and what to do: reads on after its name. */
export const TROUBLE: Readonly<Record<KeptReason, string>> = {
  // An attack, or a secret that was mistyped.
  bad_signature: "got a delivery whose signature fits none of its secrets, and refused it.",
  // Our own mistake.
  not_configured:
    "cannot tell leads from anything else: a secret of it is not set, or cannot be used.",
  retired_key: "is still sent to, under a key that it no longer has.",
  unreadable: "got a delivery that is not in the sender's shape.",
  // Ids alone, or a form that does not ask.
  no_contact: "got a delivery without an address or a phone: nobody could answer it.",
  too_large: "got a lead that is too large to be safe on its way.",
};

// The one place that writes `webhook_alarms`: what ops are notified about, and when they were.

/** Least time between two alarms of one source for one reason, in milliseconds, whatever came between: an attack must not send one a minute. */
const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;

/** Notified again only after a good delivery came: the source as a whole does not work until then. Others: once a day at most. */
const UNTIL_GOOD: ReadonlySet<KeptReason> = new Set(["bad_signature", "not_configured"]);

type Alarm = Pick<StoredRow<typeof webhookAlarms>, "source" | "reason" | "raisedAt">;

/** Has ops notified about a source, unless they know. Writes nothing then. */
export function raiseAlarm(source: string, reason: KeptReason, now: number): Query {
  const untilGood = UNTIL_GOOD.has(reason);
  const again = now - (untilGood ? HOUR_MS : DAY_MS);
  return query(sql`
    INSERT INTO webhook_alarms (source, reason, raised_at, standing) VALUES (${source}, ${reason}, ${now}, ${Number(untilGood)})
    ON CONFLICT (source, reason) DO UPDATE SET raised_at = excluded.raised_at, standing = excluded.standing, told_at = NULL
      WHERE standing = 0 AND told_at <= ${again}`);
}

/** A delivery of this source was good: the next trouble is news. Writes nothing where there was none. */
export function calmAlarms(source: string): Query {
  return query(
    sql`UPDATE webhook_alarms SET standing = 0 WHERE source = ${source} AND standing = 1`,
  );
}

/** Alarms that ops are still to be notified about. The table has a handful of rows a source. */
function newAlarms(limit: number): Query<Alarm> {
  return query(sql`
    SELECT source, reason, raised_at AS raisedAt FROM webhook_alarms WHERE told_at IS NULL
    ORDER BY raised_at, source, reason LIMIT ${limit}`);
}

function markTold(alarms: readonly Alarm[], now: number): Query {
  const keys = alarms.map(({ source, reason }) => [source, reason]);
  return query(sql`
    UPDATE webhook_alarms SET told_at = ${now} WHERE (source, reason) IN (
      SELECT value ->> 0, value ->> 1 FROM json_each(${JSON.stringify(keys)}))`);
}

/** Alarms in one message: a line each. */
const ALARM_LIMIT = 10;

/** Notifies ops of sources in trouble. By cron and not when a delivery comes: a sender waits seconds at most, and Slack may take longer. */
export async function notifyOfSources(deps: Deps): Promise<void> {
  const alarms = await rows(deps.db, newAlarms(ALARM_LIMIT));
  if (alarms.length === 0) return;
  const untold = { event: "webhook_trouble_not_told", detail: { alarms: alarms.length } };
  await notifyOpsOnce(deps, troubleMessage(alarms), untold, async (cause) => {
    const now = deps.now();
    const events = alarms.map(({ source, reason, raisedAt }) =>
      sourceTroubleEvent(deps.newId(), source, now, { reason, since: raisedAt, untold: cause }),
    );
    await transaction(deps.db, [
      insertEvents(events),
      appendCommit(now, [], events),
      markTold(alarms, now),
    ]);
  });
}

/** Nothing in it was sent by a stranger. */
function troubleMessage(alarms: readonly Alarm[]): SlackMessage {
  const troubles: Readonly<Record<string, string>> = TROUBLE;
  return opsMessage(
    alarms.length === 1
      ? `An incoming webhook needs a look: ${alarms[0]?.source ?? ""}`
      : `${alarms.length} incoming webhooks need a look`,
    alarms.map(({ source, reason }) => `${source} ${troubles[reason] ?? reason}`),
    "What was sent is in GET /api/webhooks/unclaimed for 7 days. You are not told of each.",
  );
}
