import { withDeps } from "../../with-deps.ts";
import { Hono } from "hono";
import { describe, expect, test } from "vitest";
import { apiApp } from "../../../src/ops/api/app.ts";
import { type ApiEnv } from "../../../src/ops/api/api-env.ts";
import { chainApi } from "../../../src/ops/api/chain.ts";
import { putAccount } from "../../../src/roster/accounts.ts";
import { deactivateRep, putRep } from "../../../src/roster/reps.ts";
import { putMember } from "../../../src/roster/members.ts";
import { readLive } from "../../../src/cli/check/check-live.ts";
import { BO, NOW, openWorld } from "../../roster/roster-world.ts";

const url = "https://router.test";
const now = () => NOW;

/** The router's own API, called without a network. */
function openRouter() {
  const { deps } = openWorld();
  const app = new Hono<ApiEnv>();
  app.use(async (c, next) => {
    c.set("deps", deps);
    await next();
  });
  app.route("/api", chainApi());
  app.route(
    "/api",
    withDeps(apiApp(), () => deps),
  );
  const env = { API_TOKENS: "ana:read:read-token" };
  return {
    deps,
    io: {
      now,
      fetch: async (to: unknown, init?: RequestInit) => app.request(String(to), init, env),
    },
  };
}

/** A server that answers everything alike. */
const answering = (answer: () => Response | Error) => ({
  now,
  fetch: async () => {
    const response = answer();
    if (response instanceof Error) throw response;
    return response;
  },
});

const read = (io: Parameters<typeof readLive>[1], token = "read-token") =>
  readLive({ url, token }, io);

test("reads pods, people, accounts, rules and the version through the router's own API", async () => {
  const { deps, io } = openRouter();
  await putRep(deps, "ana", "bo", BO);
  await putRep(deps, "ana", "cy", BO);
  await putMember(deps, "ana", "dach", "bo", { weight: 1, dailyCap: null, openCap: null });
  await deactivateRep(deps, "ana", "cy");
  await putAccount(deps, "ana", {
    domain: "acme.com",
    accountId: "a-1",
    name: "Acme",
    ownerId: "zoe",
  });
  expect(await read(io)).toMatchObject({
    chainVersion: deps.chain.version,
    pods: [
      { id: "dach", members: ["bo"] },
      { id: "sdr", members: [] },
    ],
    reps: new Map([
      ["bo", true],
      ["cy", false],
    ]),
    accounts: { looked: [{ domain: "acme.com", ownerId: "zoe" }], more: false },
    use: { days: 30, routed: 0 },
  });
});

test("turns the pages of a list that never ends, ten thousand accounts far", async () => {
  const { io } = openRouter();
  const asked: (string | null)[] = [];
  const endless = async (to: unknown, init?: RequestInit) => {
    const { pathname, searchParams } = new URL(String(to));
    if (pathname !== "/api/accounts") return await io.fetch(to, init);
    asked.push(searchParams.get("cursor"));
    const account = { domain: `a${asked.length}.com`, ownerId: "bo" };
    return Response.json({
      items: Array.from({ length: Number(searchParams.get("limit")) }, () => account),
      nextCursor: `after ${asked.length}`,
    });
  };
  const { accounts } = await read({ now, fetch: endless });
  expect(accounts.looked).toHaveLength(10_000);
  expect(accounts.more).toBe(true);
  expect(asked.slice(0, 3)).toEqual([null, "after 1", "after 2"]);
});

describe("what stands in the way is told plainly", () => {
  test("a token that is none, or is refused", async () => {
    await expect(read(openRouter().io, "wrong")).rejects.toThrow("The token was refused (401).");
  });

  test.each([
    ["ECONNREFUSED", "router.test did not answer (connection refused)."],
    ["ENOTFOUND", "router.test did not answer (no such host)."],
    ["ESOMETHING", "router.test did not answer (ESOMETHING)."],
  ])("a network that fails with %s", async (code, message) => {
    const cause = Object.assign(new Error("connect 10.0.0.1"), { code });
    const failed = answering(() => new TypeError("fetch failed", { cause }));
    await expect(read(failed)).rejects.toThrow(message);
  });

  test("a server that is no router, a login before it, and one in trouble", async () => {
    const detail = "A part that is needed\u001b[2J does not answer.";
    const answers: readonly (readonly [Response, string])[] = [
      [
        new Response("no", { status: 404 }),
        "router.test has no /api/pods (404): is it a lead-router, and up to date?",
      ],
      [
        new Response(null, { status: 302, headers: { location: "https://login.test" } }),
        "/api/pods redirects (302): there is a login in front of the router.",
      ],
      [
        Response.json({ detail }, { status: 503 }),
        "/api/pods answered 503: A part that is needed [2J does not answer.",
      ],
      [new Response("oops", { status: 500 }), "/api/pods answered 500: no reason given"],
      [Response.json({ hello: "world" }), "/api/pods gave an answer of an unknown form"],
    ];
    for (const [response, message] of answers)
      await expect(read(answering(() => response))).rejects.toThrow(message);
  });

  test("and never with the token in it", async () => {
    const failed = answering(() => new TypeError("fetch failed"));
    await expect(read(failed, "s3cret")).rejects.toThrow(/^(?!.*s3cret)/);
  });
});
