import { withDeps } from "../../../with-deps.ts";
import { describe, expect, it } from "vitest";
import { apiApp } from "../../../../src/ops/api/app.ts";
import { addressBlock } from "../../../../src/lib/http.ts";
import { NOW, openWorld } from "../../../roster/roster-world.ts";

const OFFICE = "203.0.113.7";
const MINUTE = 60_000;

/** Stands in for the platform's limiter: lets each key through `limit` times. */
function limiter(limit: number) {
  const counts = new Map<string, number>();
  return {
    counts,
    limit: async ({ key }: RateLimitOptions) => {
      const count = (counts.get(key) ?? 0) + 1;
      counts.set(key, count);
      return { success: count <= limit };
    },
  };
}

/** The API with a clock that can be moved, and a limiter when there is one. */
function openApi(REFUSALS?: RateLimit) {
  const { deps, logged } = openWorld();
  let now = NOW;
  const app = withDeps(apiApp(), () => ({ ...deps, now: () => now }));
  return {
    pass: (milliseconds: number) => {
      now += milliseconds;
    },
    counted: () =>
      logged.map((line) => JSON.parse(line)).filter(({ event }) => event === "api_refused"),
    logged,
    call: async (token: string, address: string | null = OFFICE, method = "GET") =>
      await app.request(
        "/reps",
        {
          method,
          headers: {
            Authorization: `Bearer ${token}`,
            ...(address !== null && { "CF-Connecting-IP": address }),
          },
        },
        { API_TOKENS: "ana:write:write-token,rolf:read:read-token", ...(REFUSALS && { REFUSALS }) },
      ),
  };
}

describe("too many refusals from one address", () => {
  it("are told to wait, with the reason they still have", async () => {
    const { call } = openApi(limiter(2));
    expect((await call("wrong")).status).toBe(401);
    expect((await call("wrong")).status).toBe(401);
    const response = await call("wrong");
    expect(response.status).toBe(429);
    expect(response.headers.get("Retry-After")).toBe("60");
    expect(response.headers.get("Content-Type")).toBe("application/problem+json");
    expect(await response.json()).toMatchObject({
      type: "urn:lead-router:problem:too_many_requests",
      status: 429,
      detail: expect.stringContaining("valid token"),
    });
  });

  it("lock out nobody at the same address who has a token", async () => {
    const { call } = openApi(limiter(1));
    await call("wrong");
    expect((await call("wrong")).status).toBe(429);
    expect((await call("write-token")).status).toBe(200);
    expect((await call("read-token")).status).toBe(200);
  });

  it("are no matter of other addresses", async () => {
    const { call } = openApi(limiter(1));
    await call("wrong");
    expect((await call("wrong", "203.0.113.8")).status).toBe(401);
  });

  it("are not reached by calls with a token, however many, nor by what it may not do", async () => {
    const limit = limiter(1);
    const { call } = openApi(limit);
    for (let n = 0; n < 5; n++) {
      expect((await call("read-token")).status).toBe(200);
      expect((await call("read-token", OFFICE, "POST")).status).toBe(403);
    }
    expect(limit.counts.size).toBe(0);
  });

  it("count the 64 bits that one customer of IPv6 has, not each of its addresses", async () => {
    const limit = limiter(1);
    const { call } = openApi(limit);
    await call("wrong", "2001:db8:1:2::1");
    expect((await call("wrong", "2001:db8:1:2:aaaa:bbbb:cccc:dddd")).status).toBe(429);
    expect((await call("wrong", "2001:db8:1:3::1")).status).toBe(401);
  });

  it("stay plain refusals without a limiter, without an address and while the limiter fails", async () => {
    const failing = { limit: () => Promise.reject(new Error("limiter of 203.0.113.7 is away")) };
    const away = openApi(failing);
    for (const { call, address } of [
      { ...openApi(), address: OFFICE },
      { ...openApi(limiter(0)), address: null },
      { ...away, address: OFFICE },
    ]) {
      expect((await call("wrong", address)).status).toBe(401);
      expect((await call("write-token", address)).status).toBe(200);
    }
    expect(away.logged.join()).toContain("refusal_limit_unavailable");
    expect(away.logged.join()).not.toContain(OFFICE);
  });
});

describe("refusals in the log", () => {
  it("are one line a minute, however many they are", async () => {
    const { call, pass, counted } = openApi();
    for (let n = 0; n < 10; n++) await call("wrong");
    pass(MINUTE - 1);
    await call("wrong");
    expect(counted()).toEqual([
      { level: "warn", event: "api_refused", count: 1, since: "2026-11-22T09:30:00.007Z" },
    ]);
    pass(1);
    await call("wrong");
    expect(counted().at(-1)).toMatchObject({ count: 11, since: "2026-11-22T09:30:00.007Z" });
    expect(counted()).toHaveLength(2);
  });

  it("are said with the next call that is let in, when none is refused any more", async () => {
    const { call, pass, counted } = openApi();
    await call("wrong");
    pass(1000);
    await call("wrong");
    await call("write-token");
    expect(counted()).toHaveLength(1);
    pass(MINUTE);
    await call("write-token");
    await call("write-token");
    expect(counted().slice(1)).toMatchObject([{ count: 1, since: "2026-11-22T09:30:01.007Z" }]);
  });

  it("name neither the token that was shown nor the address", async () => {
    const { call, logged } = openApi(limiter(1));
    await call("secret-of-eve");
    await call("secret-of-eve");
    expect(logged).toHaveLength(1);
    expect(logged.join()).not.toMatch(/secret-of-eve|203\.0\.113/);
  });
});

describe("the block of an address", () => {
  it.each([
    ["203.0.113.7", "203.0.113.7"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2"],
    ["2001:db8::1", "2001:db8:0:0"],
    ["2001:db8:1:2:3::", "2001:db8:1:2"],
    ["::1", "0:0:0:0"],
    ["::", "0:0:0:0"],
    ["2001::2:3:4:5:6:7", "2001:0:2:3"],
  ])("of %s is %s", (address, block) => {
    expect(addressBlock(address)).toBe(block);
  });
});
