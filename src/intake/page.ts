import { html } from "hono/html";

type Html = ReturnType<typeof html>;

/** A small page that needs no style and no script; whatever is interpolated is escaped. */
export async function renderPage(
  title: string,
  content: Html,
  init: ResponseInit = {},
): Promise<Response> {
  const page = await html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
      </head>
      <body>
        <main>
          <h1>${title}</h1>
          ${content}
        </main>
      </body>
    </html>`;
  const headers = new Headers(init.headers);
  headers.set("Content-Type", "text/html; charset=utf-8");
  headers.set("Content-Security-Policy", "default-src 'none'");
  headers.set("Cache-Control", "no-store");
  return new Response(String(page), { ...init, headers });
}

/** Where a browser lands after its form was taken. */
export function renderThanks(): Promise<Response> {
  return renderPage("Thank you", html`<p>We got your message and will be in touch.</p>`);
}
