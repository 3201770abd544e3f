import { chunk } from "../../lib/chunks.ts";
import { type DecisionKey, keyOf } from "../../record/decision-key.ts";
import { deliver, secureDeliveries } from "../webhooks/deliver.ts";
import type { Deps } from "../../ports/deps.ts";
import type { NotifyMessage } from "../../record/messages.ts";
import { failureMessage } from "../../lib/failure.ts";
import { backOff } from "../../lib/queue.ts";
import type { Delivery } from "../../lib/queue.ts";
import { rows, transaction } from "../../lib/query.ts";
import { announcementsOf } from "./announcement.ts";
import { channelMarks, marksByName } from "./channel-marks.ts";
import { notify, type Untold } from "./notify.ts";
import { tellOfGivenUp } from "./ops.ts";
import { recordGivenUp } from "./record.ts";

/** Decisions in a message that carries on what one visit to Slack had no room for: as many as a pass announces together. */
const DECISIONS_PER_MESSAGE = 100;
/**
 * Tries of a delivery at the very time that Slack asked for; after so many it backs off as well. The other 92 delays of
 * `max_retries = 100` (wrangler.toml) add up to 3.4 days, about what a queue keeps a message for (4 days).
 */
const TRIES_AS_ASKED = 8;

/** Tells Slack of one batch of the queue `notifications`: what was told is acknowledged, the rest goes again. */
export async function consumeNotifications(
  deps: Deps,
  deliveries: readonly Delivery<NotifyMessage>[],
): Promise<void> {
  const keys = new Map(
    deliveries.flatMap(({ body }) => body.decisions.map((key) => [keyOf(key), key])),
  );
  try {
    const [announcements, marks] = await transaction(deps.db, [
      announcementsOf([...keys.values()]),
      channelMarks(),
    ]);
    // Before anybody is recorded as told: a crash in between would otherwise leave the other receivers out.
    const anew = newKeys(deliveries);
    const open = announcements.filter(({ notified }) => notified === 0);
    await deliver(
      deps,
      open.filter((one) => anew.has(keyOf(one))),
    );
    await secureDeliveries(
      deps,
      open.filter((one) => !anew.has(keyOf(one))),
    );
    const { untold, later } = await notify(deps, announcements, marksByName(marks));
    await carryOn(deps, later);
    const untoldOf = new Map(untold.map((one) => [keyOf(one.key), one]));
    for (const delivery of deliveries) {
      const waiting = delivery.body.decisions.flatMap((key) => untoldOf.get(keyOf(key)) ?? []);
      if (waiting.length === 0) delivery.ack();
      else retry(deps, delivery, waiting);
    }
  } catch (error) {
    // Nothing is known of what was told: the next delivery looks again before it posts.
    deps.log("warn", "notifications_retried", {
      messages: deliveries.length,
      error: failureMessage(error),
    });
    for (const delivery of deliveries) {
      delivery.retry({ delaySeconds: backOff(delivery.attempts, deps.random()) });
    }
  }
}

/** Decisions that come for the first time. The others wait for Slack alone: the other receivers have had them. */
function newKeys(deliveries: readonly Delivery<NotifyMessage>[]): ReadonlySet<string> {
  const first = deliveries.filter(({ attempts, body }) => attempts === 1 && !body.carriedOn);
  return new Set(first.flatMap(({ body }) => body.decisions.map(keyOf)));
}

/** Those of a batch that nobody has failed to tell, and that only have to wait, go again as new: they use up no deliveries. */
async function carryOn(deps: Deps, later: readonly DecisionKey[]): Promise<void> {
  const keys = later.map(({ leadId, generation }) => ({ leadId, generation }));
  const messages = chunk(keys, DECISIONS_PER_MESSAGE).map((decisions) => ({
    decisions,
    carriedOn: true as const,
  }));
  if (messages.length > 0) await deps.notifications.send(messages);
}

function retry(deps: Deps, delivery: Delivery<NotifyMessage>, waiting: readonly Untold[]): void {
  for (const { key, cause } of waiting) {
    const { leadId, generation } = key;
    deps.log("warn", "notification_retried", {
      leadId,
      generation,
      attempt: delivery.attempts,
      cause,
    });
  }
  // The soonest of them: a channel that asked for longer is not sent to before, its mark sees to that.
  const delaySeconds = Math.min(...waiting.map((one) => delayOf(deps, delivery.attempts, one)));
  delivery.retry({ delaySeconds });
}

/** When Slack says when, that is when, unless it said so often already: a delivery has 100 tries, which must last for days. */
function delayOf(deps: Deps, attempts: number, { afterSeconds }: Untold): number {
  if (afterSeconds === null) return backOff(attempts, deps.random());
  const believed = attempts <= TRIES_AS_ASKED;
  return Math.max(
    1,
    afterSeconds,
    believed ? 0 : backOff(attempts - TRIES_AS_ASKED, deps.random()),
  );
}

/** Ends notifications that ran out of deliveries: the audit says that nobody was told, and ops hear of it. */
export async function consumeDeadNotifications(
  deps: Deps,
  deliveries: readonly Delivery<NotifyMessage>[],
): Promise<void> {
  for (const delivery of deliveries) {
    try {
      await giveUp(deps, delivery.body.decisions, "ran out of deliveries");
      delivery.ack();
    } catch (error) {
      deps.log("error", "dead_notification_not_recorded", { error: failureMessage(error) });
      delivery.retry({ delaySeconds: backOff(delivery.attempts, deps.random()) });
    }
  }
}

async function giveUp(deps: Deps, keys: readonly DecisionKey[], cause: string): Promise<void> {
  const announcements = await rows(deps.db, announcementsOf(keys));
  const untold = announcements.filter(({ notified }) => notified === 0);
  await deliver(deps, untold);
  await recordGivenUp(deps, untold, cause);
  await tellOfGivenUp(
    deps,
    untold.map(({ leadId }) => leadId),
    cause,
  );
}
