import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";

/** A website on loopback. */
export interface Site {
  /** Its origin; of another site than the router's, as a browser sees it. */
  readonly url: string;
  /** What is shown at a path; until it is set there is nothing. */
  setPage(path: string, body: string): void;
}

const CLIENT = "/formspree-core.mjs";
const CLIENT_FILE = createRequire(import.meta.url)
  .resolve("@formspree/core")
  .replace(/js$/, "mjs");

/** Starts it. */
export async function startSite(closing: AsyncDisposableStack): Promise<Site> {
  const pages = new Map<string, string>();
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    if (pathname === CLIENT) {
      response.setHeader("Content-Type", "text/javascript");
      response.end(readFileSync(CLIENT_FILE));
      return;
    }
    const body = pages.get(pathname);
    response.writeHead(body === undefined ? 404 : 200, {
      "Content-Type": "text/html; charset=utf-8",
    });
    response.end(body === undefined ? "" : renderPage(body));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  closing.defer(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port for the site");
  return {
    url: `http://localhost:${address.port}`,
    setPage: (path, body) => void pages.set(path, body),
  };
}

function renderPage(body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>A site</title>
<link rel="icon" href="data:,">
<script type="importmap">{ "imports": { "@formspree/core": "${CLIENT}" } }</script>
</head>
<body>
${body}
</body>
</html>`;
}
