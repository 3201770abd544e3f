import { Hono } from "hono";
import { expect } from "vitest";
import type { ApiEnv } from "../../../../src/ops/api/api-env.ts";
import { auditApi } from "../../../../src/ops/api/audit/audit.ts";
import { leadsApi } from "../../../../src/ops/api/leads/leads.ts";
import { Problem } from "../../../../src/ops/api/problem.ts";
import type { Deps } from "../../../../src/ports/deps.ts";
import { checkAnswer } from "../contract.ts";

/**
 * The lists of leads and of the audit as ana meets them behind her token, page by page or as a stream; each answer in JSON is
 * held against the OpenAPI document.
 */
export function timelineApp(deps: Deps) {
  const app = new Hono<ApiEnv>();
  app.use(async (c, next) => {
    c.set("deps", deps);
    c.set("actor", "ana");
    await next();
  });
  app.route("/", auditApi());
  app.route("/", leadsApi());
  app.onError((error) => {
    if (error instanceof Problem) return error.toResponse();
    throw error;
  });

  async function get(path: string, headers: Record<string, string> = {}) {
    const response = await app.request(path, { headers });
    const { status, headers: answered } = response;
    const json: any = await response.json();
    checkAnswer("GET", `/api${path}`, status, answered.get("Content-Type"), json);
    return { status, headers: answered, json };
  }

  return {
    fetch: (path: string, headers: Record<string, string> = {}) =>
      Promise.resolve(app.request(path, { headers })),
    get,
    async post(path: string, body: unknown) {
      const response = await app.request(path, { method: "POST", body: JSON.stringify(body) });
      expect(response.status).toBe(200);
    },
    /** The items of all pages. */
    async readAll(path: string): Promise<any[]> {
      const items: any[] = [];
      let cursor: string | null = "";
      while (cursor !== null) {
        const carryOn: string = cursor && `${path.includes("?") ? "&" : "?"}cursor=${cursor}`;
        const { status, json } = await get(path + carryOn);
        expect(status).toBe(200);
        items.push(...json.items);
        cursor = json.nextCursor;
      }
      return items;
    },
    /** An NDJSON export, line by line. */
    async getLines(path: string) {
      const response = await app.request(path);
      expect(response.status).toBe(200);
      const text = await response.text();
      const lines: any[] = text
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line));
      return { lines, headers: response.headers };
    },
  };
}
