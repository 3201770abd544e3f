import { Hono } from "hono";
import { apiApp } from "../../src/ops/api/app.ts";
import type { Env } from "../../src/platform.ts";
import type { Deps, WithDeps } from "../../src/ports/deps.ts";
import type { NotifyMessage, RouteMessage } from "../../src/record/messages.ts";
import { intakeApp } from "../../src/intake/leads-endpoint.ts";
import { consumeNotifications } from "../../src/notify/notifications.ts";
import { platform } from "../../src/platform.ts";
import { consumeLeads } from "../../src/routing/consumer.ts";
import { latencyChain } from "./latency-chain.ts";

// The router's own stages under another rules.ts: one with many pods, each with its channel.

export { Pod } from "../../src/pod/durable-object.ts";

function surroundings(env: Env): Deps {
  return { ...platform(env), chain: latencyChain };
}

const app = new Hono<{ Bindings: Env } & WithDeps>();
app.use(async (c, next) => {
  c.set("deps", surroundings(c.env));
  await next();
});
app.route("/", intakeApp());
app.route("/api", apiApp());

export default {
  fetch: app.fetch,

  async queue(batch, env) {
    const deps = surroundings(env);
    switch (batch.queue) {
      case "leads":
        return consumeLeads(deps, (batch as MessageBatch<RouteMessage>).messages);
      case "notifications":
        return consumeNotifications(deps, (batch as MessageBatch<NotifyMessage>).messages);
      default:
        throw new Error(`${batch.messages.length} messages came to ${batch.queue}`);
    }
  },
} satisfies ExportedHandler<Env, RouteMessage | NotifyMessage>;
