import { exports } from "cloudflare:workers";
import { describe, expect, it } from "vitest";

const READ = { authorization: "Bearer read-token" };
const JSON_LEAD = {
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ email: "jane@headers.test" }),
};

const ask = (path: string, init?: RequestInit) =>
  exports.default.fetch(`https://router.test${path}`, { redirect: "manual", ...init });

const ANSWERS: readonly [string, RequestInit | undefined, number][] = [
  ["/healthz", undefined, 200],
  ["/leads", JSON_LEAD, 200],
  ["/leads", { ...JSON_LEAD, body: "{" }, 400],
  ["/docs", undefined, 200],
  ["/docs/swagger-ui.css", undefined, 200],
  ["/api/openapi.json", undefined, 200],
  ["/api/reps", { headers: READ }, 200],
  ["/api/reps", undefined, 401],
  ["/api/nothing", { headers: READ }, 404],
  ["/nothing", undefined, 404],
];

describe.each(ANSWERS)("the answer of %s", (path, init, status) => {
  it("is taken for what it says it is, over HTTPS, and names no address to others", async () => {
    const response = await ask(path, init);
    await response.body?.cancel();
    expect(response.status).toBe(status);
    expect(response.headers.get("X-Content-Type-Options")).toBe("nosniff");
    expect(response.headers.get("Strict-Transport-Security")).toBe("max-age=31536000");
    expect(response.headers.get("Referrer-Policy")).toBe("no-referrer");
  });
});

describe.each(ANSWERS.filter(([path]) => path.startsWith("/api/")))(
  "the API's answer of %s",
  (path, init) => {
    it("is shown in no page, and kept by nobody unless it is public", async () => {
      const response = await ask(path, init);
      await response.body?.cancel();
      expect(response.headers.get("Content-Security-Policy")).toBe(
        "default-src 'none'; frame-ancestors 'none'",
      );
      expect(response.headers.get("Cache-Control")).toMatch(
        path === "/api/openapi.json" ? /^public, max-age=\d+$/ : /^no-store$/,
      );
    });
  },
);
