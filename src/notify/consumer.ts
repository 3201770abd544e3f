import { keyOf, type DecisionKey } from "../decision-key.ts";
import { deliver } from "../deliveries/deliver.ts";
import type { Deps, NotifyMessage } from "../deps.ts";
import { failureMessage } from "../failure.ts";
import { backOff } from "../routing/backoff.ts";
import type { Delivery } from "../routing/consumer.ts";
import { rows, transaction } from "../storage/query.ts";
import { announcementsOf } from "./announcement.ts";
import { channelMarks, marksByName } from "./channel-marks.ts";
import { notify, type Untold } from "./notify.ts";
import { tellOfGivenUp } from "./ops.ts";
import { recordGivenUp } from "./record.ts";

/** Decisions in a message that carries on what one visit to Slack had no room for: as many as a pass announces together. */
const DECISIONS_PER_MESSAGE = 100;

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
    await deliver(
      deps,
      announcements.filter(({ notified }) => notified === 0),
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

/** Those of a batch that nobody has failed to tell, and that only have to wait, go again as new: they use up no deliveries. */
async function carryOn(deps: Deps, later: readonly DecisionKey[]): Promise<void> {
  const keys = later.map(({ leadId, generation }) => ({ leadId, generation }));
  const messages = Array.from(
    { length: Math.ceil(keys.length / DECISIONS_PER_MESSAGE) },
    (_, at) => ({
      decisions: keys.slice(at * DECISIONS_PER_MESSAGE, (at + 1) * DECISIONS_PER_MESSAGE),
    }),
  );
  if (messages.length > 0) await deps.notifications.send(messages);
}

function retry(deps: Deps, delivery: Delivery<NotifyMessage>, waiting: readonly Untold[]): void {
  const asked = waiting.flatMap(({ afterSeconds }) => afterSeconds ?? []);
  deps.log("warn", "notification_retried", {
    leads: waiting.length,
    cause: waiting[0]?.cause ?? null,
  });
  // Where Slack says when, that is when; the others of the delivery are tried then too, and lose nothing by it.
  const delaySeconds =
    asked.length === waiting.length
      ? Math.max(1, ...asked)
      : Math.max(...asked, backOff(delivery.attempts, deps.random()));
  delivery.retry({ delaySeconds });
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
