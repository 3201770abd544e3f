import { Hono } from "hono";
import { runCron } from "./cron.ts";
import { apiApp, docsApp } from "./ops/index.ts";
import type { Env } from "./platform.ts";
import {
  consumeDeadNotifications,
  consumeDeliveries,
  consumeNotifications,
} from "./notify/index.ts";
import type { DeliverMessage, NotifyMessage, RouteMessage } from "./record/messages.ts";
import { formsApp, intakeApp, webhooksApp } from "./intake/index.ts";
import type { WithDeps } from "./ports/deps.ts";
import { platform } from "./platform.ts";
import { queueRole } from "./lib/queue.ts";
import { consumeDeadLeads, consumeLeads } from "./routing/index.ts";
import { onEveryAnswer } from "./lib/http.ts";

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
    await runCron(platform(env));
  },
} satisfies ExportedHandler<Env, RouteMessage | NotifyMessage | DeliverMessage>;
