import { exports } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import packageJson from "../../../../package.json" with { type: "json" };

function get(path: string): Promise<Response> {
  return exports.default.fetch(`https://router.test${path}`, { redirect: "manual" });
}

/** What a page loads, by its addresses. */
function addressesIn(page: string): readonly string[] {
  return [...page.matchAll(/(?:src|href)="([^"]*)"/g)].flatMap(([, address]) => address ?? []);
}

describe("GET /docs", () => {
  it("is a page without a token that loads four things, all from here", async () => {
    const page = await get("/docs");
    expect([page.status, page.headers.get("Content-Type")]).toEqual([
      200,
      "text/html; charset=UTF-8",
    ]);
    const addresses = addressesIn(await page.text());
    const version = packageJson.devDependencies["swagger-ui-dist"];
    expect(addresses).toEqual([
      "data:,",
      `/docs/swagger-ui.css?v=${version}`,
      `/docs/swagger-ui-bundle.js?v=${version}`,
      "/docs/start.js",
    ]);
    for (const address of addresses.filter((each) => each.startsWith("/"))) {
      const loaded = await get(address);
      expect([address, loaded.status]).toEqual([address, 200]);
      expect(loaded.headers.get("Content-Type")).toMatch(
        address.includes(".css") ? /^text\/css\b/ : /^text\/javascript\b/,
      );
      await loaded.body?.cancel();
    }
    expect((await get("/docs/")).headers.get("Location")).toBe("/docs");
  });

  it("lets nothing in from elsewhere, nor anybody frame it, nor a script of the page's own text", async () => {
    const page = await get("/docs");
    const policy = page.headers.get("Content-Security-Policy")?.split("; ") ?? [];
    expect(policy).toEqual(
      expect.arrayContaining([
        "default-src 'none'",
        "script-src 'self'",
        "connect-src 'self'",
        "frame-ancestors 'none'",
      ]),
    );
    expect(page.headers.get("X-Content-Type-Options")).toBe("nosniff");
    const html = await page.text();
    expect(html).not.toMatch(/https?:|<script(?! src=)| on\w+=/);
    expect(html).not.toMatch(/<script[^>]*>[^<]/);
  });

  it("starts Swagger UI on the document, which names no other place, and keeps no token", async () => {
    const start = await (await get("/docs/start.js")).text();
    expect(start).not.toMatch(/https?:/);
    expect(start).toContain("persistAuthorization: false");
    const url = /url: "([^"]+)"/.exec(start)?.[1] ?? "";
    const document = await get(url);
    expect(document.status).toBe(200);
    expect(await document.json()).not.toHaveProperty("servers");
  });

  it("has a style sheet that loads nothing", async () => {
    const css = await (await get("/docs/swagger-ui.css")).text();
    expect(css.length).toBeGreaterThan(100_000);
    expect(css).not.toContain("@import");
    for (const [, address] of css.matchAll(/url\(["']?([^"')]*)/g))
      expect(address).toMatch(/^data:/);
  });

  it.each(["/docs/swagger-ui.css", "/docs/swagger-ui-bundle.js"])(
    "lets browsers keep %s for good",
    async (path) => {
      const { status, headers, body } = await get(path);
      await body?.cancel();
      expect(status).toBe(200);
      expect(headers.get("Cache-Control")).toMatch(/max-age=31536000.*immutable/);
      expect(headers.get("X-Content-Type-Options")).toBe("nosniff");
    },
  );

  it.each([
    "/swagger-ui.css",
    "/index.html",
    "/package.json",
    "/oauth2-redirect.html",
    "/docs/index.html",
    "/docs/package.json",
    "/docs/swagger-ui.css.map",
    "/docs/..%2fpackage.json",
    "/docs/swagger-ui.css/../package.json",
  ])("hands out nothing else of the package: %s", async (path) => {
    expect((await get(path)).status).toBe(404);
  });
});
