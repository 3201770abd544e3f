import { html } from "hono/html";
import type { FieldError } from "./normalise.ts";
import { renderPage, type Html } from "./page.ts";
import type { Refusal } from "./refusal.ts";

// One body satisfies the form clients of several services at once. Measured against them: success must
// carry a non-empty `next` and neither `error` nor `errors`, not even empty; an error must never carry
// `next`, and carries `error` and `message` both. Exactly 200, because some clients test for it.

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

const RECEIVED_MESSAGE = "Thanks, we got it.";

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
  // Older Safari sends no Sec-Fetch-Mode: there it is this that tells a form from a fetch.
  return !accept.includes("text/html");
}

/** The body of a success. */
export function receivedBody(leadId: string, next: string) {
  return {
    ok: true,
    success: true,
    id: leadId,
    status: "received",
    next,
    message: RECEIVED_MESSAGE,
  };
}

/** Answers a lead that is durable: 200 to a script, 303 to the thank-you page to a browser. */
export function answerReceived(request: Request, leadId: string): Response {
  const next = new URL("/thanks", request.url).href;
  // 303, not 302: what follows is a GET, and a reload posts nothing again.
  if (!wantsJson(request)) return new Response(null, { status: 303, headers: { Location: next } });
  return Response.json(receivedBody(leadId, next));
}

function describeError(error: FieldError): string {
  return error.field === undefined ? error.message : `${error.field} ${error.message}`;
}

/** What a page offers to whoever was refused: something to do, and where its form may go. */
export interface Offer {
  readonly content: Html;
  /** Sources as of the CSP's form-action. */
  readonly formAction: readonly string[];
}

/** Answers a submission that was not taken, naming each field: JSON to a script, a page to a browser. */
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
