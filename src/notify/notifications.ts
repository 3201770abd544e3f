import { chunk } from "../lib/chunks.ts";
import { failureMessage } from "../lib/failure.ts";
import { rows, transaction } from "../lib/query.ts";
import { backOff, type Delivery } from "../lib/queue.ts";
import type { Deps } from "../ports/deps.ts";
import { type DecisionKey, keyOf } from "../record/decision-key.ts";
import { notificationEnded } from "../record/events.ts";
import type { NotifyMessage } from "../record/messages.ts";
import { announcements } from "./announcement.ts";
import { channelMarks, marksByName, notifyOfGivenUp } from "./slack/channel-troubles.ts";
import type { Unsent } from "./slack/channel-queues.ts";
import { announceInSlack, recordGivenUp } from "./slack/rounds.ts";
import { listMissedDeliveries, queueDeliveries } from "./webhooks/due.ts";

/** Decisions in a message that carries on where a run had no time left: as many as a pass announces together. */
const DECISIONS_PER_MESSAGE = 100;
/**
 * Tries of a message at the very time that Slack asked for; after so many it backs off as well. The other 92 delays of
 * `max_retries = 100` (wrangler.toml) add up to 3.4 days, about what a queue keeps a message for (4 days).
 */
const TRIES_AS_ASKED = 8;

/**
 * Announces one batch of the queue `notifications`: to the destinations by their own queue, and in Slack. Messages whose
 * decisions are all announced are acknowledged, the rest is retried.
 */
export async function consumeNotifications(
  deps: Deps,
  messages: readonly Delivery<NotifyMessage>[],
): Promise<void> {
  const keys = new Map(
    messages.flatMap(({ body }) => body.decisions.map((key) => [keyOf(key), key])),
  );
  try {
    const [found, marks] = await transaction(deps.db, [
      announcements([...keys.values()], notificationEnded),
      channelMarks(),
    ]);
    const open = found.filter(({ ended }) => ended === 0);
    // Before a notification is recorded as ended: a crash in between would otherwise leave the destinations out.
    const firstTime = newKeys(messages);
    await queueDeliveries(
      deps,
      open.filter((one) => firstTime.has(keyOf(one))),
    );
    await listMissedDeliveries(
      deps,
      open.filter((one) => !firstTime.has(keyOf(one))),
    );
    const { unsent, later } = await announceInSlack(deps, open, marksByName(marks));
    await carryOn(deps, later);
    const unsentByKey = new Map(unsent.map((one) => [keyOf(one.lead), one]));
    for (const message of messages) {
      const waiting = message.body.decisions.flatMap((key) => unsentByKey.get(keyOf(key)) ?? []);
      if (waiting.length === 0) message.ack();
      else retry(deps, message, waiting);
    }
  } catch (error) {
    // It is not known what was announced: the next try looks again before it posts.
    deps.log("warn", "notifications_retried", {
      messages: messages.length,
      error: failureMessage(error),
    });
    for (const message of messages) retryLater(deps, message);
  }
}

/** Decisions that come for the first time. The others wait for Slack alone: the destinations' queue has had them. */
function newKeys(messages: readonly Delivery<NotifyMessage>[]): ReadonlySet<string> {
  const first = messages.filter(({ attempts, body }) => attempts === 1 && !body.carriedOn);
  return new Set(first.flatMap(({ body }) => body.decisions.map(keyOf)));
}

/** Decisions that did not fail and only have to wait go into the queue as new messages: they use up no tries. */
async function carryOn(deps: Deps, later: readonly DecisionKey[]): Promise<void> {
  const keys = later.map(({ leadId, generation }) => ({ leadId, generation }));
  const messages = chunk(keys, DECISIONS_PER_MESSAGE).map((decisions) => ({
    decisions,
    carriedOn: true as const,
  }));
  if (messages.length > 0) await deps.notifications.send(messages);
}

function retry(deps: Deps, message: Delivery<NotifyMessage>, waiting: readonly Unsent[]): void {
  const attempt = message.attempts;
  for (const { lead, cause } of waiting) {
    const { leadId, generation } = lead;
    deps.log("warn", "notification_retried", { leadId, generation, attempt, cause });
  }
  // The soonest of them: a channel that asked for longer has a mark, and nothing is sent there before.
  const delaySeconds = Math.min(...waiting.map((one) => delayOf(deps, attempt, one)));
  message.retry({ delaySeconds });
}

/** As long as Slack asked, unless it has asked often: a message has 100 tries, which must last for days. */
function delayOf({ random }: Deps, attempts: number, { afterSeconds }: Unsent): number {
  if (afterSeconds === null) return backOff(attempts, random());
  const more = attempts <= TRIES_AS_ASKED ? 0 : backOff(attempts - TRIES_AS_ASKED, random());
  return Math.max(1, afterSeconds, more);
}

function retryLater({ random }: Deps, message: Delivery<NotifyMessage>): void {
  message.retry({ delaySeconds: backOff(message.attempts, random()) });
}

/** Ends notifications that ran out of tries: the audit says that nobody was notified, and so are ops. */
export async function consumeDeadNotifications(
  deps: Deps,
  messages: readonly Delivery<NotifyMessage>[],
): Promise<void> {
  for (const message of messages) {
    try {
      await giveUp(deps, message.body.decisions, "ran out of deliveries");
      message.ack();
    } catch (error) {
      deps.log("error", "dead_notification_not_recorded", { error: failureMessage(error) });
      retryLater(deps, message);
    }
  }
}

async function giveUp(deps: Deps, keys: readonly DecisionKey[], cause: string): Promise<void> {
  const found = await rows(deps.db, announcements(keys, notificationEnded));
  const open = found.filter(({ ended }) => ended === 0);
  await queueDeliveries(deps, open);
  await recordGivenUp(deps, open, cause);
  await notifyOfGivenUp(
    deps,
    open.map(({ leadId }) => leadId),
    cause,
  );
}
