import { Hono } from "hono";
import type { ApiEnv } from "../../../../src/ops/api/api-env.ts";
import { bulkRerouteApi } from "../../../../src/ops/api/leads/bulk-reroute.ts";
import { healthApi } from "../../../../src/ops/api/health.ts";
import { leadsApi } from "../../../../src/ops/api/leads/leads.ts";
import { Problem } from "../../../../src/ops/api/problem.ts";
import type { Deps } from "../../../../src/ports/deps.ts";
import { checkAnswer } from "../contract.ts";

/**
 * The lead routes as ana meets them behind her token, each answer held against the OpenAPI document. What is no problem is
 * thrown, so that no test takes it for one.
 */
export function leadsApp(deps: Deps) {
  const app = new Hono<ApiEnv>();
  app.use(async (c, next) => {
    c.set("deps", deps);
    c.set("actor", "ana");
    await next();
  });
  app.route("/", leadsApi());
  app.route("/", bulkRerouteApi());
  app.route("/", healthApi());
  app.onError((error) => {
    if (error instanceof Problem) return error.toResponse();
    throw error;
  });
  return {
    async get(path: string) {
      return answerOf("GET", path, await app.request(path));
    },
    async post(path: string, body: unknown) {
      const method = "POST";
      return answerOf(
        method,
        path,
        await app.request(path, { method, body: JSON.stringify(body) }),
      );
    },
  };
}

async function answerOf(
  method: string,
  path: string,
  response: Response,
): Promise<{ status: number; body: any }> {
  const { status, headers } = response;
  const body: unknown = await response.json();
  checkAnswer(method, `/api${path}`, status, headers.get("Content-Type"), body);
  return { status, body };
}
