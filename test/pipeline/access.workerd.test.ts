import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import worker from "../../src/index.ts";
import { callApi, type Answer } from "./client.ts";

const READS = [
  "/leads",
  "/leads/some-id",
  "/unassigned",
  "/pods",
  "/pods/dach",
  "/reps/bo",
  "/health/consistency",
];
const WRITES = [
  ["POST", "/leads/some-id/route"],
  ["POST", "/leads/some-id/assign"],
  ["POST", "/leads/some-id/close"],
  ["DELETE", "/leads/some-id"],
  ["PUT", "/pods/dach/members/bo"],
  ["PUT", "/reps/bo"],
  ["PUT", "/reps/bo/absences/summer"],
  ["PUT", "/accounts/acme.com"],
  ["POST", "/accounts/import"],
] as const;
const CALLS = [...READS.map((path) => ["GET", path] as const), ...WRITES];

function expectProblem({ status, type, json }: Answer, expected: number): void {
  expect(status).toBe(expected);
  expect(type).toBe("application/problem+json");
  expect(json).toMatchObject({ status: expected, title: expect.any(String) });
}

describe.each(CALLS)("%s /api%s", (method, path) => {
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

it.each(WRITES)("a token that may read is refused %s /api%s", async (method, path) => {
  expectProblem(await callApi(method, path, {}, "read-token"), 403);
});

it("a token that may read reads", async () => {
  expect((await callApi("GET", "/leads", undefined, "read-token")).status).toBe(200);
});

it.each(["GET", "POST", "PUT", "DELETE"])(
  "%s of an unknown path is a 404 problem",
  async (method) => {
    expectProblem(await callApi(method, "/no/such/thing"), 404);
    // Nobody learns which paths exist without a token.
    expectProblem(await callApi(method, "/no/such/thing", undefined, null), 401);
  },
);
