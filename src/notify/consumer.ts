import { keyOf } from "../decision-key.ts";
import type { Deps, NotifyMessage } from "../deps.ts";
import { failureMessage } from "../failure.ts";
import { backOff } from "../routing/backoff.ts";
import type { Delivery } from "../routing/consumer.ts";
import { giveUpNotifying, notify } from "./notify.ts";

/** Tells Slack of one batch of the queue `notifications`: what was told is acknowledged, the rest goes again. */
export async function consumeNotifications(
  deps: Deps,
  deliveries: readonly Delivery<NotifyMessage>[],
): Promise<void> {
  const keys = new Map(
    deliveries.flatMap(({ body }) => body.decisions.map((key) => [keyOf(key), key])),
  );
  try {
    const untold = await notify(deps, [...keys.values()]);
    const untoldOf = new Map(untold.map((one) => [keyOf(one.key), one]));
    for (const delivery of deliveries) {
      const waiting = delivery.body.decisions.flatMap((key) => untoldOf.get(keyOf(key)) ?? []);
      if (waiting.length === 0) {
        delivery.ack();
        continue;
      }
      const asked = Math.max(...waiting.map(({ afterSeconds }) => afterSeconds ?? 0));
      deps.log("warn", "notification_retried", {
        leads: waiting.length,
        cause: waiting[0]?.cause ?? null,
      });
      delivery.retry({ delaySeconds: Math.max(asked, backOff(delivery.attempts, deps.random())) });
    }
  } catch (error) {
    // Nothing is known of what was told: `notify` looks again before it posts.
    deps.log("warn", "notifications_retried", {
      messages: deliveries.length,
      error: failureMessage(error),
    });
    for (const delivery of deliveries) {
      delivery.retry({ delaySeconds: backOff(delivery.attempts, deps.random()) });
    }
  }
}

/** Ends notifications that ran out of deliveries: the audit says that nobody was told. */
export async function consumeDeadNotifications(
  deps: Deps,
  deliveries: readonly Delivery<NotifyMessage>[],
): Promise<void> {
  for (const delivery of deliveries) {
    try {
      await giveUpNotifying(deps, delivery.body.decisions, "ran out of deliveries");
      delivery.ack();
    } catch (error) {
      deps.log("error", "dead_notification_not_recorded", { error: failureMessage(error) });
      delivery.retry({ delaySeconds: backOff(delivery.attempts, deps.random()) });
    }
  }
}
