import type { Env } from "../bindings.ts";
import type { Deps } from "../deps.ts";
import { failureMessage } from "../failure.ts";
import { OpenAPIHono } from "@hono/zod-openapi";
import { accountsApi } from "./accounts.ts";
import { healthApi } from "./health.ts";
import { leadsApi } from "./leads.ts";
import { metricsApi } from "./metrics.ts";
import { podsApi } from "./pods.ts";
import { Problem } from "./problem.ts";
import { repsApi } from "./reps.ts";
import { requireToken } from "./tokens.ts";

/** What a route of the API finds in its context. */
export interface ApiEnv {
  Bindings: Env;
  Variables: { deps: Deps; actor: string };
}

/** The operations API: every route behind a token, every error a problem. */
export function apiApp(depsOf: (env: Env) => Deps): OpenAPIHono<ApiEnv> {
  const app = new OpenAPIHono<ApiEnv>();
  app.use(async (c, next) => {
    c.set("deps", depsOf(c.env));
    await next();
  });
  app.use(requireToken());
  app.route("/", leadsApi());
  app.route("/", podsApi());
  app.route("/", metricsApi());
  app.route("/", repsApi());
  app.route("/", accountsApi());
  app.route("/", healthApi());

  // Not `notFound`: Hono asks only the outermost app's handler.
  app.all("*", (c) =>
    new Problem("not_found", `There is no ${c.req.method} ${c.req.path}.`).toResponse(),
  );
  app.onError((error, c) => {
    if (error instanceof Problem) return error.toResponse();
    c.var.deps.log("error", "api_failed", {
      path: c.req.routePath,
      error: failureMessage(error),
    });
    return new Problem(
      "internal",
      "Something went wrong here. Nothing is known of whether the request took effect.",
    ).toResponse();
  });
  return app;
}
