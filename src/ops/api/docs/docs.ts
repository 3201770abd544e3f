import { Hono } from "hono";
import packageJson from "../../../../package.json" with { type: "json" };

/** The files of swagger-ui-dist that the page loads. Of the rest of the package nothing can be reached. */
const ASSETS = ["swagger-ui.css", "swagger-ui-bundle.js"] as const;

/** In the addresses of the assets, so that browsers may keep them for good. */
const VERSION = packageJson.devDependencies["swagger-ui-dist"];

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width" />
    <title>lead-router API</title>
    <link rel="icon" href="data:," />
    <link rel="stylesheet" href="/docs/swagger-ui.css?v=${VERSION}" />
    <script src="/docs/swagger-ui-bundle.js?v=${VERSION}" defer></script>
    <script src="/docs/start.js" defer></script>
  </head>
  <body>
    <div id="api"></div>
  </body>
</html>
`;

// A token that is entered lives as long as the page: persistAuthorization would leave it in the browser's storage.
const START = `SwaggerUIBundle({
  url: "/api/openapi.json",
  dom_id: "#api",
  deepLinking: true,
  displayRequestDuration: true,
  persistAuthorization: false,
  validatorUrl: null,
});
`;

/** Whoever enters a token here must be sure that it goes nowhere else. Swagger UI sets styles of elements. */
const HEADERS = {
  "Content-Security-Policy":
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
};

/** Seconds: a year. The address of an asset changes with its content. */
const FOR_GOOD = "public, max-age=31536000, immutable";
/** Page and script are small, and change without their addresses. */
const AN_HOUR = "public, max-age=3600";

/** `GET /docs`: the API to read and to try. Public, and no byte of it comes from elsewhere. */
export function docsApp(): Hono<{ Bindings: { ASSETS: Fetcher } }> {
  const app = new Hono<{ Bindings: { ASSETS: Fetcher } }>();
  app.get("/docs", (c) => c.html(PAGE, 200, { ...HEADERS, "Cache-Control": AN_HOUR }));
  app.get("/docs/", (c) => c.redirect("/docs", 308));
  app.get("/docs/start.js", (c) =>
    c.body(START, 200, {
      ...HEADERS,
      "Content-Type": "text/javascript; charset=utf-8",
      "Cache-Control": AN_HOUR,
    }),
  );
  for (const asset of ASSETS) {
    app.get(`/docs/${asset}`, async (c) => {
      const file = await c.env.ASSETS.fetch(new URL(`/${asset}`, c.req.url));
      // What failed is not to be kept for good.
      const cache = file.ok ? FOR_GOOD : "no-store";
      return new Response(file.body, {
        status: file.status,
        headers: {
          ...HEADERS,
          "Content-Type": file.headers.get("Content-Type") ?? "application/octet-stream",
          "Cache-Control": cache,
        },
      });
    });
  }
  return app;
}
