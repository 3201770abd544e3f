import { withDeps } from "../../../with-deps.ts";
import { exportSPKI, generateKeyPair, SignJWT, UnsecuredJWT } from "jose";
import { beforeAll, describe, expect, it } from "vitest";
import { parseAccessUsers } from "../../../../src/ops/api/callers/access-users.ts";
import { apiApp } from "../../../../src/ops/api/app.ts";
import { NOW, openWorld } from "../../../roster/roster-world.ts";
import { AUDIENCE, openTeam, TEAM } from "./access-team.ts";

const SETTINGS = {
  ACCESS_TEAM: TEAM,
  ACCESS_AUD: AUDIENCE,
  ACCESS_USERS: "ana:write:Ana@acme.example,rolf:read:rolf@acme.example,board:read:0f3a.access",
};
const BO = { name: "Bo", timeZone: "UTC" };

let team: Awaited<ReturnType<typeof openTeam>>;
beforeAll(async () => {
  team = await openTeam();
});

/** The API behind Access. */
function openApi(settings: Readonly<Record<string, string>> = SETTINGS, fetch = team.fetch) {
  const world = openWorld();
  const app = withDeps(apiApp(), () => ({ ...world.deps, fetch }));
  async function call(
    method: string,
    path: string,
    assertion: string | null,
    headers: Readonly<Record<string, string>> = {},
  ) {
    const response = await app.request(
      `https://leads.acme.example${path}`,
      {
        method,
        headers: {
          ...(assertion !== null && { "Cf-Access-Jwt-Assertion": assertion }),
          ...headers,
        },
        ...(method === "PUT" && { body: JSON.stringify(BO) }),
      },
      settings,
    );
    const text = await response.text();
    return { status: response.status, text };
  }
  return { ...world, call };
}

describe("Cloudflare Access", () => {
  it("lets in whom it vouches for and the list names", async () => {
    const { call, events } = openApi();
    const ana = await team.sign({ email: "ANA@acme.example" });
    expect((await call("GET", "/reps", ana)).status).toBe(200);
    expect((await call("PUT", "/reps/bo", ana)).status).toBe(201);
    expect(events()).toMatchObject([{ kind: "rep_created", actor: "ana" }]);
    expect(JSON.stringify(events())).not.toContain("@");
  });

  it("lets a reader read and nothing more", async () => {
    const { call, events } = openApi();
    const rolf = await team.sign({ email: "rolf@acme.example" });
    expect((await call("GET", "/reps", rolf)).status).toBe(200);
    expect((await call("HEAD", "/reps", rolf)).status).toBe(200);
    expect(await call("PUT", "/reps/bo", rolf)).toMatchObject({
      status: 403,
      text: expect.stringContaining("rolf may only read"),
    });
    expect(events()).toEqual([]);
  });

  it("knows a service token by its client id", async () => {
    const { call } = openApi();
    const board = { email: undefined, sub: "", common_name: "0f3a.access" };
    expect((await call("GET", "/reps", await team.sign(board))).status).toBe(200);
    expect((await call("PUT", "/reps/bo", await team.sign(board))).status).toBe(403);
  });

  it.each([
    { email: "eve@acme.example" },
    { email: undefined },
    { email: ["ana@acme.example"] },
    { email: "0f3a.access" },
    { email: undefined, common_name: "ana@acme.example" },
    { email: undefined, common_name: "other.access" },
    { email: undefined, sub: "ana@acme.example" },
    { email: "" },
  ])("refuses with 403 whom the list does not name: %j", async (claims) => {
    const { call, logged } = openApi();
    const { status, text } = await call("GET", "/reps", await team.sign(claims));
    expect(status).toBe(403);
    expect(text).toContain("ACCESS_USERS does not list you");
    expect(text + logged.join()).not.toMatch(/acme\.example|\.access/);
  });

  it.each([
    ["meant for another application", { aud: ["other"] }],
    ["meant for nobody", { aud: undefined }],
    ["of another team", { iss: "https://evil.cloudflareaccess.com" }],
    ["of nobody", { iss: undefined }],
    ["that has expired", { exp: Math.floor(NOW / 1000) - 1 }],
    ["that never expires", { exp: undefined }],
    ["that is not valid yet", { nbf: Math.floor(NOW / 1000) + 60 }],
  ])("refuses an assertion %s", async (_what, claims) => {
    const { call } = openApi();
    const { status, text } = await call("GET", "/reps", await team.sign(claims));
    expect(status).toBe(401);
    expect(JSON.parse(text).detail).toMatch(/^Cloudflare Access: the assertion /);
  });

  it("says what is wrong with an assertion", async () => {
    const { call } = openApi();
    const detail = async (claims: Record<string, unknown>) =>
      JSON.parse((await call("GET", "/reps", await team.sign(claims))).text).detail;
    expect(await detail({ exp: 1 })).toContain("has expired");
    expect(await detail({ aud: ["other"] })).toContain("ACCESS_AUD");
    expect(await detail({ iss: "https://x.test" })).toContain("ACCESS_TEAM");
  });

  it("refuses what another key has signed, though it bears the team's key's name", async () => {
    const { privateKey } = await generateKeyPair("RS256");
    const { call } = openApi();
    expect((await call("GET", "/reps", await team.sign({}, privateKey))).status).toBe(401);
  });

  it("refuses every algorithm but the team's", async () => {
    const { call } = openApi();
    const claims = { aud: AUDIENCE, iss: `https://${TEAM}`, email: "ana@acme.example" };
    const exp = Math.floor(NOW / 1000) + 60;
    const unsecured = new UnsecuredJWT({ ...claims, exp }).encode();
    // The old trick: the public key, which everybody knows, taken for a shared secret.
    const secret = new TextEncoder().encode(await exportSPKI(team.publicKey));
    const symmetric = await new SignJWT({ ...claims, exp })
      .setProtectedHeader({ alg: "HS256", kid: "key-1" })
      .sign(secret);
    const ec = await generateKeyPair("ES256");
    const elliptic = await new SignJWT({ ...claims, exp })
      .setProtectedHeader({ alg: "ES256", kid: "key-1" })
      .sign(ec.privateKey);
    for (const assertion of [unsecured, symmetric, elliptic])
      expect((await call("GET", "/reps", assertion)).status).toBe(401);
  });

  it("refuses what is no assertion at all", async () => {
    const { call } = openApi();
    const [header = "", payload = "", signature = ""] = (await team.sign()).split(".");
    const json = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
    for (const assertion of [
      "",
      "x",
      "..",
      "a.b.c",
      `${header}.${payload}.`,
      `${header}.${payload}`,
      `${header}.${payload}.${signature}.x`,
      `${header}.${json([])}.${signature}`,
      `${header}.${json({ email: "ana@acme.example" })}.${signature}`,
      `${json({ alg: "RS256", kid: 7 })}.${payload}.${signature}`,
      `${json({ alg: "RS256", kid: "key-1", crit: ["x"], x: 1 })}.${payload}.${signature}`,
      `${json({ alg: "RS256", kid: "key-1", b64: false, crit: ["b64"] })}.${payload}.${signature}`,
      `${json(null)}.${payload}.${signature}`,
      "a".repeat(10_000),
    ]) {
      const { status } = await call("GET", "/reps", assertion);
      expect([assertion.slice(0, 80), status]).toEqual([assertion.slice(0, 80), 401]);
    }
  });

  it("fetches the team's keys once", async () => {
    const { call } = openApi();
    const before = team.fetched.length;
    for (let n = 0; n < 3; n++) await call("GET", "/reps", await team.sign());
    expect(team.fetched.slice(before)).toEqual([`https://${TEAM}/cdn-cgi/access/certs`]);
  });

  it("does not fetch them again for every key that somebody makes up", async () => {
    const { call } = openApi();
    const before = team.fetched.length;
    for (const kid of ["made-up-1", "made-up-2", "made-up-3"]) {
      const assertion = await new SignJWT({ email: "ana@acme.example" })
        .setProtectedHeader({ alg: "RS256", kid })
        .sign(team.privateKey);
      expect((await call("GET", "/reps", assertion)).status).toBe(401);
    }
    expect(team.fetched.slice(before)).toHaveLength(1);
  });

  it.each<[string, () => Response | Promise<Response>]>([
    ["cannot be reached", () => Promise.reject(new Error("Network connection lost."))],
    ["answers 500", () => new Response("oops", { status: 500 })],
    ["answers a page", () => new Response("<html>")],
    ["answers something else", () => Response.json({ keys: "none" })],
  ])("lets nobody in while the team %s, and then everybody again", async (_what, answer) => {
    const down = await openTeam();
    const { call, logged } = openApi(SETTINGS, down.fetch);
    const assertion = await down.sign();
    down.answerWith(answer);
    expect((await call("GET", "/reps", assertion)).status).toBe(503);
    expect(logged.join()).toContain("access_keys_unavailable");
    expect(logged.join()).not.toContain("api_refused");
    down.answerWith(() => Response.json({ keys: down.keys }));
    expect((await call("GET", "/reps", assertion)).status).toBe(200);
  });

  it("counts for nothing beside a token, right or wrong", async () => {
    const { call, events } = openApi({ ...SETTINGS, API_TOKENS: "eve:write:secret-of-eve" });
    const ana = await team.sign();
    expect(
      (await call("PUT", "/reps/bo", ana, { Authorization: "Bearer secret-of-eve" })).status,
    ).toBe(201);
    expect(events()).toMatchObject([{ actor: "eve" }]);
    for (const Authorization of ["Bearer wrong", "Bearer", "Basic YTpi"])
      expect((await call("GET", "/reps", ana, { Authorization })).status).toBe(401);
    expect((await call("GET", "/reps", null)).status).toBe(401);
  });

  it.each([
    { "Sec-Fetch-Site": "cross-site" },
    { "Sec-Fetch-Site": "same-site", Origin: "https://www.acme.example" },
    { Origin: "https://evil.test" },
    { Origin: "null" },
  ])(
    "changes nothing for another site's page, whose visitor's cookie it is: %j",
    async (headers) => {
      const { call, events } = openApi();
      expect((await call("PUT", "/reps/bo", await team.sign(), headers)).status).toBe(403);
      expect(events()).toEqual([]);
    },
  );

  it("changes what its own pages ask for", async () => {
    const { call } = openApi();
    const own = { "Sec-Fetch-Site": "same-origin", Origin: "https://leads.acme.example" };
    expect((await call("PUT", "/reps/bo", await team.sign(), own)).status).toBe(201);
    expect((await call("PUT", "/reps/bo", await team.sign(), { Origin: own.Origin })).status).toBe(
      200,
    );
  });

  it.each([
    ["ACCESS_TEAM", { ACCESS_TEAM: "" }],
    ["ACCESS_TEAM", { ACCESS_TEAM: `https://${TEAM}` }],
    ["ACCESS_TEAM", { ACCESS_TEAM: "acme" }],
    ["ACCESS_AUD", { ACCESS_AUD: "" }],
    ["ACCESS_USERS", { ACCESS_USERS: "" }],
    ["ACCESS_USERS", { ACCESS_USERS: "ana:write:ana@acme.example,broken" }],
  ])("lets nobody in while %s cannot be used: %j", async (setting, settings) => {
    const { call, logged } = openApi({ ...SETTINGS, ...settings });
    expect((await call("GET", "/reps", await team.sign())).status).toBe(401);
    expect(logged.join()).toContain(`"event":"access_unreadable","setting":"${setting}"`);
    expect(logged.join()).not.toContain("@");
  });

  it("is not asked for where it is not set up", async () => {
    const { call, logged } = openApi({});
    expect((await call("GET", "/reps", await team.sign())).status).toBe(401);
    expect(logged.join()).not.toContain("access");
  });
});

describe("the list of those whom Access may let in", () => {
  it("names each one's scope, and knows people from service tokens", () => {
    expect(parseAccessUsers("ana:write:Ana@Acme.example, ci:read:0F3A.access\n")).toEqual([
      { name: "ana", scope: "write", claim: "email", value: "ana@acme.example" },
      { name: "ci", scope: "read", claim: "common_name", value: "0f3a.access" },
    ]);
  });

  it.each([
    "",
    "ana@acme.example",
    "ana:ana@acme.example",
    "ana:admin:ana@acme.example",
    "ana@acme.example:write:ana@acme.example",
    "router:write:ana@acme.example",
    "ana:write:",
    "ana:write:@acme.example",
    "ana:write:a@b@c",
    "ana:write:ana@acme.example,",
    "ana:write:*",
  ])("is not understood at all when it reads %j", (secret) => {
    expect(parseAccessUsers(secret)).toBeNull();
  });
});
