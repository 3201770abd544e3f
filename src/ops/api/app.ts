import type { ApiEnv } from "./api-env.ts";
import { failureMessage } from "../../lib/failure.ts";
import { OpenAPIHono } from "@hono/zod-openapi";
import { accountsApi } from "./roster/accounts.ts";
import { alertsApi } from "./alerts.ts";
import { archiveApi } from "./archive.ts";
import { auditApi } from "./audit/audit.ts";
import { requireCaller } from "./callers/caller.ts";
import { chainApi } from "./chain.ts";
import { bulkRerouteApi } from "./leads/bulk-reroute.ts";
import { deliveriesApi } from "./deliveries.ts";
import { disputesApi } from "./leads/disputes.ts";
import { healthApi } from "./health.ts";
import { importsApi } from "./imports/imports.ts";
import { leadsApi } from "./leads/leads.ts";
import { metricsApi } from "./metrics/metrics.ts";
import { serveOpenApi } from "./docs/openapi.ts";
import { podMembersApi } from "./roster/pod-members.ts";
import { podsApi } from "./roster/pods.ts";
import { privacyApi } from "./privacy.ts";
import { Problem } from "./problem.ts";
import { quarantineApi } from "./leads/quarantine.ts";
import { rebuildPodsApi } from "./rebuild-pods.ts";
import { reconcileArchiveApi } from "./reconcile-archive.ts";
import { repsApi } from "./roster/reps.ts";
import { simulateApi } from "./leads/simulate.ts";
import { skippedApi } from "./leads/skipped.ts";
import { onApiAnswers } from "../../lib/http.ts";
import { stuckApi } from "./stuck.ts";
import { verifyApi } from "./audit/verify.ts";
import { webhooksApi } from "./webhooks.ts";

/** The operations API: every route but its own description behind a token, every error a problem. */
export function apiApp(): OpenAPIHono<ApiEnv> {
  const app = new OpenAPIHono<ApiEnv>();
  app.use(onApiAnswers);
  app.use(async (c, next) => {
    await next();
    // Whatever does not say otherwise may hold people: no browser and no proxy keeps it.
    if (!c.res.headers.has("Cache-Control")) c.header("Cache-Control", "no-store");
  });
  // Before the callers are asked who they are: the page that shows it is opened by a browser, which sends no token, and it
  // holds no secret. What it says is in the repository.
  serveOpenApi(app);
  app.use(requireCaller());
  app.route("/", leadsApi());
  app.route("/", bulkRerouteApi());
  app.route("/", disputesApi());
  app.route("/", podsApi());
  app.route("/", podMembersApi());
  app.route("/", rebuildPodsApi());
  app.route("/", metricsApi());
  app.route("/", repsApi());
  app.route("/", accountsApi());
  app.route("/", importsApi());
  app.route("/", skippedApi());
  app.route("/", auditApi());
  app.route("/", archiveApi());
  app.route("/", reconcileArchiveApi());
  app.route("/", verifyApi());
  app.route("/", chainApi());
  app.route("/", simulateApi());
  app.route("/", webhooksApi());
  app.route("/", deliveriesApi());
  app.route("/", quarantineApi());
  app.route("/", privacyApi());
  app.route("/", stuckApi());
  app.route("/", alertsApi());
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
