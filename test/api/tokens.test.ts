import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { findToken, parseTokens } from "../../src/api/tokens.ts";
import { openWorld } from "../roster/roster-world.ts";
import { apiClient, READER, WRITER } from "./api-client.ts";

const hashed = `sha256-${createHash("sha256").update("secret-of-eve").digest("hex")}`;

describe("the list of tokens", () => {
  it("names each token's owner and scope", () => {
    const tokens = parseTokens("ana:write:s3cret, rolf:read:other\n");
    expect(tokens?.map(({ name, scope }) => [name, scope])).toEqual([
      ["ana", "write"],
      ["rolf", "read"],
    ]);
  });

  it("takes a token with colons in it", () => {
    const tokens = parseTokens("ana:write:a:b:c") ?? [];
    expect(findToken(tokens, "a:b:c")?.name).toBe("ana");
    expect(findToken(tokens, "a")).toBeNull();
  });

  it("takes a token's hash, which is then not a token itself", () => {
    const tokens =
      parseTokens(`eve:read:${hashed},ida:read:${hashed.toUpperCase().replace("SHA", "sha")}`) ??
      [];
    expect(findToken(tokens, "secret-of-eve")?.name).toBe("eve");
    expect(findToken(tokens, hashed)).toBeNull();
  });

  it("finds one in any place of the list", () => {
    const tokens = parseTokens("a:read:one,b:read:two,c:write:three") ?? [];
    expect(
      ["one", "two", "three", "four", ""].map((token) => findToken(tokens, token)?.name ?? null),
    ).toEqual(["a", "b", "c", null, null]);
  });

  it.each([
    "ana",
    "ana:write",
    "ana:write:",
    ":write:x",
    "ana:admin:x",
    "ana:WRITE:x",
    "ana:write:x,",
    "ana:write:x,rolf",
    "an a:write:x",
    "ana:write:has space",
    "ana:write:sha256-abc",
    "router:write:x",
  ])("is not understood at all when it reads %j", (secret) => {
    expect(parseTokens(secret)).toBeNull();
  });
});

describe("the API", () => {
  const PATHS = ["/reps", "/pods", "/accounts", "/leads", "/no-such-thing"];

  it.each(PATHS)("refuses %s to whoever shows no token or a wrong one", async (path) => {
    const call = apiClient(openWorld().deps);
    for (const Authorization of [
      "",
      "Bearer",
      "Bearer ",
      "Bearer wrong",
      "write-token",
      "Basic write-token",
      "Bearer a b",
    ]) {
      const { status, headers, json } = await call("GET", path, undefined, { Authorization });
      expect([Authorization, status]).toEqual([Authorization, 401]);
      expect(headers.get("Content-Type")).toBe("application/problem+json");
      expect(headers.get("WWW-Authenticate")).toContain("Bearer");
      expect(JSON.stringify(json)).not.toContain("wrong");
    }
  });

  it.each([null, "", "ana:write", "ana:write:write-token,broken"])(
    "refuses everybody while the secret is %j",
    async (secret) => {
      const { deps, logged } = openWorld();
      const call = apiClient(deps, secret);
      expect((await call("GET", "/reps")).status).toBe(401);
      expect((await call("PUT", "/reps/bo", {})).status).toBe(401);
      expect(logged.join()).not.toContain("write-token");
    },
  );

  it("lets a reader read and nothing more", async () => {
    const { deps, events } = openWorld();
    const call = apiClient(deps);
    const reader = { Authorization: READER };
    expect((await call("GET", "/reps", undefined, reader)).status).toBe(200);
    expect((await call("HEAD", "/reps", undefined, reader)).status).toBe(200);
    for (const [method, path] of [
      ["PUT", "/reps/bo"],
      ["DELETE", "/reps/bo"],
      ["PUT", "/pods/dach/members/bo"],
      ["POST", "/accounts/import"],
      ["PATCH", "/reps/bo"],
    ] as const) {
      const { status, json } = await call(method, path, {}, reader);
      expect([method, path, status]).toEqual([method, path, 403]);
      expect(JSON.stringify(json)).not.toContain("read-token");
    }
    expect(events()).toEqual([]);
  });

  it("lets a writer read and write, and the audit names them", async () => {
    const { deps, events } = openWorld();
    const call = apiClient(deps);
    expect(
      (await call("GET", "/reps", undefined, { Authorization: WRITER.replace("Bearer", "bearer") }))
        .status,
    ).toBe(200);
    expect((await call("PUT", "/reps/bo", { name: "Bo", timeZone: "UTC" })).status).toBe(201);
    expect(events()).toMatchObject([{ actor: "ana", kind: "rep_created" }]);
  });

  it("takes a hashed token", async () => {
    const call = apiClient(openWorld().deps, `eve:write:${hashed}`);
    expect(
      (await call("GET", "/reps", undefined, { Authorization: "Bearer secret-of-eve" })).status,
    ).toBe(200);
    expect(
      (await call("GET", "/reps", undefined, { Authorization: `Bearer ${hashed}` })).status,
    ).toBe(401);
  });
});
