import { html } from "hono/html";

// One body satisfies the form clients of several services at once. Measured against them: success must
// carry a non-empty `next` and neither `error` nor `errors`, not even empty; an error must never carry
// `next`, and carries `error` and `message` both. Exactly 200, because some clients test for it.

/** What the scripts of a site may send. The two of Formspree are what its own client sends. */
export const ALLOWED_HEADERS = [
  "Content-Type",
  "Accept",
  "X-Requested-With",
  "Idempotency-Key",
  "Formspree-Client",
  "Formspree-Session-Data",
];
/** The longest that Chromium keeps the answer to a preflight. */
export const PREFLIGHT_SECONDS = 7200;

/** What is wrong with one field; with no `field`, with the whole. `message` reads on after the field's name. */
export interface FieldError {
  readonly code: string;
  /** The name the caller sent it under. */
  readonly field?: string;
  readonly message: string;
}

/** Why a submission is refused, in the terms of the answer. */
export interface Refusal {
  readonly ok: false;
  readonly status: 400 | 403 | 404 | 410 | 413 | 415 | 422 | 429 | 500 | 503;
  /** Never empty: form clients take an empty list for an error without a message. */
  readonly errors: readonly [FieldError, ...FieldError[]];
}

export function refuse(status: Refusal["status"], ...errors: Refusal["errors"]): Refusal {
  return { ok: false, status, errors };
}

/** A fault of ours. */
export const FAILED = refuse(500, {
  code: "FAILED",
  message: "Something went wrong on our side. Please try again.",
});

/**
 * Seconds a client should wait before it tries again. 503: longer than most stalls of D1, short enough for a person to stay; 429:
 * the period of the limit in wrangler.toml.
 */
const RETRY_AFTER_SECONDS: Readonly<Partial<Record<Refusal["status"], number>>> = {
  429: 60,
  503: 30,
};

/** Refusals that another try does not change. */
const FINAL: ReadonlySet<Refusal["status"]> = new Set([403, 404, 410] as const);
const GO_BACK = html`<p>Please go back, check the form and send it again.</p>`;

/** Whether the caller reads JSON (a script) or follows a redirect (a browser submitting a form). The first rule that applies wins. */
export function wantsJson(request: Request): boolean {
  const type = request.headers.get("Content-Type")?.split(";", 1)[0]?.trim().toLowerCase();
  const accept = request.headers.get("Accept")?.toLowerCase() ?? "";
  const fetchMode = request.headers.get("Sec-Fetch-Mode");
  if (type === "application/json") return true;
  if (accept.includes("application/json")) return true;
  if (request.headers.has("X-Requested-With")) return true;
  // Saves a bare fetch() of a FormData, whose Accept is */*.
  if (fetchMode !== null && fetchMode !== "navigate") return true;
  if (new URL(request.url).searchParams.get("format") === "json") return true;
  // Older Safari sends no Sec-Fetch-Mode: there only this tells a form from a fetch.
  return !accept.includes("text/html");
}

/** Where a visitor goes whose form names no page. */
export function thanksPage(request: Request): string {
  return new URL("/thanks", request.url).href;
}

export const RECEIVED_MESSAGE = "Thanks, we got it.";

/**
 * Answers a submission that is durable: 200 to a script, 303 to the thank-you page to a browser.
 * @param more what else the body of a script's answer holds
 */
export function answerReceived(
  request: Request,
  leadId: string,
  next = thanksPage(request),
  more: object = {},
): Response {
  // 303, not 302: the browser follows with a GET, and a reload posts nothing again.
  if (!wantsJson(request)) return new Response(null, { status: 303, headers: { Location: next } });
  return Response.json({
    ok: true,
    success: true,
    id: leadId,
    status: "received",
    next,
    message: RECEIVED_MESSAGE,
    ...more,
  });
}

function describeError(error: FieldError): string {
  return error.field === undefined ? error.message : `${error.field} ${error.message}`;
}

/** A piece of HTML: whatever was interpolated is escaped. */
export type Html = ReturnType<typeof html>;

/** What the page of a refusal offers: something to do, and where its form may go. */
export interface Offer {
  readonly content: Html;
  /** Sources as of the CSP's form-action. */
  readonly formAction: readonly string[];
}

/** Answers a submission that is refused, naming each field: JSON to a script, a page to a browser. */
export async function answerRefusal(
  request: Request,
  { status, errors }: Refusal,
  offer: Offer | null = null,
): Promise<Response> {
  const headers = new Headers();
  const retryAfter = RETRY_AFTER_SECONDS[status];
  if (retryAfter !== undefined) headers.set("Retry-After", String(retryAfter));
  if (wantsJson(request)) {
    const message = describeError(errors[0]);
    return Response.json(
      { ok: false, success: false, error: message, message, errors },
      { status, headers },
    );
  }
  const items = errors.map((error) => html`<li>${describeError(error)}</li>`);
  const content = html`<ul role="alert">
      ${items}
    </ul>
    ${offer?.content ?? (FINAL.has(status) ? "" : GO_BACK)}`;
  const init = { status, headers };
  return await renderPage("Your message was not sent", content, init, offer?.formAction);
}

/** Where a browser lands after its form was accepted. */
export function renderThanks(): Promise<Response> {
  return renderPage("Thank you", html`<p>We got your message and will be in touch.</p>`);
}

/**
 * A small page that needs no style and no script; whatever is interpolated is escaped. `formAction` are the sources to which a
 * form on it may be sent, redirects included. It may be framed: a site may have its form in a frame, and there is nothing on
 * these pages to trick anybody into.
 */
async function renderPage(
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
