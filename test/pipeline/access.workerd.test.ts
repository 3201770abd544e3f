import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { apiApp } from "../../src/ops/api/app.ts";
import worker from "../../src/index.ts";
import { callApi, type Answer } from "./client.ts";

/** What everybody may call. */
const PUBLIC = [{ method: "GET", path: "/openapi.json" }];

const ROUTES = apiApp().routes;

/** Every other route as the API itself names it, so that none escapes, with something in the place of each parameter. */
const CALLS = ROUTES.filter(({ method }) => method !== "ALL")
  .filter(({ method, path }) => !PUBLIC.some((one) => one.method === method && one.path === path))
  .map(({ method, path }) => ({ method, path: path.replaceAll(/:\w+/g, "some-id") }));
const READS = CALLS.filter(({ method }) => method === "GET");
/** What a read cannot do without; the day is none that is closed. */
const QUERIES = new Map([["/audit/verify", "?day=2026-01-01"]]);
/** A question that does not fit a URL. */
const SIMULATE = "/simulate";
const WRITES = CALLS.filter(({ method, path }) => method !== "GET" && path !== SIMULATE);

function expectProblem({ status, type, json }: Answer, expected: number): void {
  expect(status).toBe(expected);
  expect(type).toBe("application/problem+json");
  expect(json).toMatchObject({ status: expected, title: expect.any(String) });
}

it("every route is among the calls below, but for what stands before all of them and behind", () => {
  expect(CALLS).toContainEqual({ method: "GET", path: "/leads" });
  expect(CALLS).toContainEqual({ method: "DELETE", path: "/pods/some-id/members/some-id" });
  const others = ROUTES.filter(({ method }) => method === "ALL");
  expect(new Set(others.map(({ path }) => path))).toEqual(new Set(["/*"]));
  expect(CALLS.length + PUBLIC.length + others.length).toBe(ROUTES.length);
});

it.each(PUBLIC)("$method /api$path is answered to everybody", async ({ method, path }) => {
  for (const token of [null, "wrong-token", "read-token"])
    expect((await callApi(method, path, undefined, token)).status).toBe(200);
});

describe.each(CALLS)("$method /api$path", ({ method, path }) => {
  it("is refused without a token and with a wrong one", async () => {
    expectProblem(await callApi(method, path, undefined, null), 401);
    for (const token of ["wrong-token", "write-toke", "write-token2", "ana:write:write-token"])
      expectProblem(await callApi(method, path, undefined, token), 401);
  });

  it("is refused to everybody while the secret is unset", async () => {
    const { API_TOKENS: _, ...closed } = env;
    for (const token of ["", "undefined", "write-token"]) {
      const headers = { Authorization: `Bearer ${token}` };
      const request = new Request(`https://router.test/api${path}`, { method, headers });
      expect((await worker.fetch(request, closed)).status).toBe(401);
    }
  });
});

it.each(WRITES)("a token that may read is refused $method /api$path", async ({ method, path }) => {
  expectProblem(await callApi(method, path, {}, "read-token"), 403);
});

it("a token that may read may ask what would happen to a lead", async () => {
  const lead = { email: "jane@acme-robotics.de", country: "Germany" };
  const { status } = await callApi("POST", SIMULATE, { lead }, "read-token");
  expect(status).toBe(200);
});

it.each(READS)("a token that may read is let through to GET /api$path", async ({ path }) => {
  const query = QUERIES.get(path) ?? "";
  const { status } = await callApi("GET", `${path}${query}`, undefined, "read-token");
  // Nothing is called some-id, and it is no domain.
  const mayMiss = path.includes("some-id") || query !== "";
  expect(mayMiss ? [200, 404, 422] : [200]).toContain(status);
});

it.each(["GET", "POST", "PUT", "DELETE"])(
  "%s of an unknown path is a 404 problem",
  async (method) => {
    expectProblem(await callApi(method, "/no/such/thing"), 404);
    // Nobody learns which paths exist without a token.
    expectProblem(await callApi(method, "/no/such/thing", undefined, null), 401);
  },
);
