import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import {
  makeToken,
  readArguments,
  renderToken,
  TOKEN_BYTES,
} from "../../../../src/cli/token/new-token.ts";
import { findToken, parseTokens, type ApiToken } from "../../../../src/ops/api/callers/tokens.ts";
import { openWorld } from "../../../roster/roster-world.ts";
import { apiClient, READER, WRITER } from "../api-client.ts";

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

describe("looking a token up", () => {
  /** A digest that counts how many of its bytes are looked at. */
  class WatchedDigest extends Uint8Array {
    looks = 0;
    override *entries(): ArrayIterator<[number, number]> {
      for (const entry of super.entries()) {
        this.looks += 1;
        yield entry;
      }
    }
  }

  function watch(secret: string): { tokens: ApiToken[]; looks: () => number[] } {
    const digests: WatchedDigest[] = [];
    const tokens = (parseTokens(secret) ?? []).map((token) => {
      const digest = new WatchedDigest(token.digest);
      digests.push(digest);
      return { ...token, digest };
    });
    return { tokens, looks: () => digests.map(({ looks }) => looks) };
  }

  it.each(["one", "two", "three", "none of them", ""])(
    "takes the same work whether it is %j or another: every byte of every entry",
    (presented) => {
      const { tokens, looks } = watch("a:read:one,b:read:two,c:write:three");
      findToken(tokens, presented);
      expect(looks()).toEqual([32, 32, 32]);
    },
  );

  it("takes no token of a digest that starts alike", () => {
    const [token] = parseTokens("ana:write:s3cret") ?? [];
    const almost = token?.digest.map((byte, at) => (at === 31 ? byte ^ 1 : byte));
    expect(
      findToken([{ name: "ana", scope: "write", digest: almost ?? new Uint8Array() }], "s3cret"),
    ).toBeNull();
    expect(
      findToken([{ name: "ana", scope: "write", digest: new Uint8Array() }], "s3cret"),
    ).toBeNull();
  });
});

describe("npm run token", () => {
  const chance = new Uint8Array(TOKEN_BYTES).fill(251);

  it("makes a token that its own entry lets in, beside those that exist", () => {
    const made = makeToken({ name: "ana", scope: "write" }, chance);
    expect(made.token).toMatch(/^lr_[\w-]{43}$/);
    expect(made.entry).toMatch(/^ana:write:sha256-[0-9a-f]{64}$/);
    const tokens = parseTokens(`rolf:read:other,${made.entry}`) ?? [];
    expect(findToken(tokens, made.token)).toMatchObject({ name: "ana", scope: "write" });
  });

  it("makes another one of other chance", () => {
    const caller = { name: "ana", scope: "read" } as const;
    const other = makeToken(caller, new Uint8Array(TOKEN_BYTES).fill(250));
    expect(other.token).not.toBe(makeToken(caller, chance).token);
    expect(other.entry).not.toBe(makeToken(caller, chance).entry);
  });

  it("shows the token and its entry, and where the entry goes", () => {
    const made = makeToken({ name: "ana", scope: "read" }, chance);
    const shown = renderToken(made);
    expect(shown.split(made.token)).toHaveLength(2);
    expect(shown).toContain(made.entry);
    expect(shown).toContain("wrangler secret put API_TOKENS");
  });

  it("gives the scope that it is told, and read when it is told none", () => {
    expect(readArguments(["ana"])).toEqual({ name: "ana", scope: "read" });
    expect(readArguments(["ana", "write"])).toEqual({ name: "ana", scope: "write" });
  });

  it.each([
    [],
    [""],
    ["router"],
    ["Router", "read"],
    ["ana@acme.example"],
    ["an a"],
    ["ana:x"],
    ["ana,bo"],
    ["-ana"],
    ["a".repeat(64)],
    ["ana", "admin"],
    ["ana", "read", "write"],
  ])("refuses the arguments %j %j %j, as the list would", (...args) => {
    expect(readArguments(args)).toBeNull();
    const [name, scope = "read"] = args;
    if (args.length < 3) expect(parseTokens(`${name ?? ""}:${scope}:token`)).toBeNull();
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
