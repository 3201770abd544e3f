import { Hono } from "hono";
import { apiApp } from "./api/app.ts";
import type { Env } from "./bindings.ts";
import type { NotifyMessage, RouteMessage } from "./deps.ts";
import { intakeApp } from "./intake/app.ts";
import { consumeDeadNotifications, consumeNotifications } from "./notify/consumer.ts";
import { platform } from "./platform.ts";
import { consumeDeadLeads, consumeLeads } from "./routing/consumer.ts";
import { sweep } from "./sweep/sweep.ts";

export { Pod } from "./pod/durable-object.ts";

const app = new Hono<{ Bindings: Env }>();
app.route("/", intakeApp(platform));
app.route("/api", apiApp(platform));

export default {
  fetch: app.fetch,

  async queue(batch, env) {
    const deps = platform(env);
    switch (batch.queue) {
      case "leads":
        return consumeLeads(deps, (batch as MessageBatch<RouteMessage>).messages);
      case "leads-dead":
        return consumeDeadLeads(deps, (batch as MessageBatch<RouteMessage>).messages);
      case "notifications":
        return consumeNotifications(deps, (batch as MessageBatch<NotifyMessage>).messages);
      case "notifications-dead":
        return consumeDeadNotifications(deps, (batch as MessageBatch<NotifyMessage>).messages);
      default:
        throw new Error(`no consumer for the queue ${batch.queue}`);
    }
  },

  async scheduled(_controller, env) {
    await sweep(platform(env));
  },
} satisfies ExportedHandler<Env, RouteMessage | NotifyMessage>;
