import { html } from "hono/html";

/** A piece of HTML: whatever was interpolated is escaped. */
export type Html = ReturnType<typeof html>;

/**
 * A small page that needs no style and no script; whatever is interpolated is escaped. `formAction` are the sources to which a
 * form on it may be sent, redirects included. It may be framed: a site may have its form in a frame, and there is nothing on
 * these pages to trick anybody into.
 */
export async function renderPage(
  title: string,
  content: Html,
  init: ResponseInit = {},
  formAction: readonly string[] = ["'none'"],
): Promise<Response> {
  const page = await html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="color-scheme" content="light dark" />
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
  headers.set(
    "Content-Security-Policy",
    `default-src 'none'; base-uri 'none'; form-action ${formAction.join(" ")}`,
  );
  headers.set("X-Content-Type-Options", "nosniff");
  headers.set("Cache-Control", "no-store");
  return new Response(String(page), { ...init, headers });
}

/** Where a browser lands after its form was taken. */
export function renderThanks(): Promise<Response> {
  return renderPage("Thank you", html`<p>We got your message and will be in touch.</p>`);
}
