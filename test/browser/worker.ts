import type { Env } from "../../src/platform.ts";
import type { NotifyMessage, RouteMessage } from "../../src/record/messages.ts";
import router from "../../src/index.ts";
import { failingDatabase } from "../pipeline/failing-database.ts";

export { Pod } from "../../src/index.ts";

/** The router, but that neither D1 nor the queue takes what is posted to the form "outage". */
export default {
  ...router,
  fetch(request, env, context) {
    const isOut = new URL(request.url).pathname === "/f/outage";
    return router.fetch(request, isOut ? withoutStorage(env) : env, context);
  },
} satisfies ExportedHandler<Env, RouteMessage | NotifyMessage>;

function withoutStorage(env: Env): Env {
  return {
    ...env,
    DB: failingDatabase(env.DB, () => "D1 is away"),
    LEADS: new Proxy(env.LEADS, {
      get: () => () => Promise.reject(new Error("the queue is away")),
    }),
  };
}
