import { Hono } from "hono";
import { tendArchive } from "./archive/tend.ts";
import { tendAlerts } from "./ops/alerts/tend.ts";
import { apiApp } from "./ops/api/app.ts";
import { docsApp } from "./ops/api/docs/docs.ts";
import { closeDays } from "./ops/audit/digest-close.ts";
import type { Env } from "./platform.ts";
import { consumeDeliveries } from "./notify/webhooks/consumer.ts";
import type { DeliverMessage, NotifyMessage, RouteMessage } from "./record/messages.ts";
import { tendDeliveries } from "./notify/webhooks/tend.ts";
import { formsApp } from "./intake/forms/app.ts";
import { intakeApp } from "./intake/api/app.ts";
import { rollUp } from "./ops/metrics/roll-up.ts";
import { consumeDeadNotifications, consumeNotifications } from "./notify/slack/consumer.ts";
import type { WithDeps } from "./ports/deps.ts";
import { platform } from "./platform.ts";
import { queueRole } from "./lib/queue.ts";
import { dropAbandoned } from "./roster/staged-rows.ts";
import { expire } from "./intake/quarantine/expire.ts";
import { consumeDeadLeads, consumeLeads } from "./routing/consumer.ts";
import { onEveryAnswer } from "./lib/http.ts";
import { sweep } from "./sweep/sweep.ts";
import { webhooksApp } from "./intake/webhooks/app.ts";
import { tendWebhooks } from "./intake/webhooks/tend.ts";

export { Pod } from "./pod/durable-object.ts";

const app = new Hono<{ Bindings: Env } & WithDeps>();
app.use(onEveryAnswer);
app.use(async (c, next) => {
  c.set("deps", platform(c.env));
  await next();
});
app.route("/", intakeApp());
app.route("/", formsApp());
app.route("/", webhooksApp());
app.route("/api", apiApp());
app.route("/", docsApp());

export default {
  fetch: app.fetch,

  async queue(batch, env) {
    const deps = platform(env);
    switch (queueRole(batch.queue)) {
      case "leads":
        return consumeLeads(deps, (batch as MessageBatch<RouteMessage>).messages);
      case "leads-dead":
        return consumeDeadLeads(deps, (batch as MessageBatch<RouteMessage>).messages);
      case "notifications":
        return consumeNotifications(deps, (batch as MessageBatch<NotifyMessage>).messages);
      case "notifications-dead":
        return consumeDeadNotifications(deps, (batch as MessageBatch<NotifyMessage>).messages);
      case "deliveries":
        return consumeDeliveries(deps, (batch as MessageBatch<DeliverMessage>).messages);
    }
  },

  async scheduled(_controller, env) {
    const deps = platform(env);
    await sweep(deps)
      .finally(() => expire(deps))
      .finally(() => tendWebhooks(deps))
      .finally(() => tendDeliveries(deps))
      .finally(() => dropAbandoned(deps))
      .finally(() => rollUp(deps))
      .finally(() => tendArchive(deps))
      .finally(() => tendAlerts(deps))
      .finally(() => closeDays(deps));
  },
} satisfies ExportedHandler<Env, RouteMessage | NotifyMessage | DeliverMessage>;
