import { html } from "hono/html";
import type { FieldError } from "./normalise.ts";
import { renderPage } from "./page.ts";
import type { Refusal } from "./refusal.ts";

// One body satisfies the form clients of several services at once. Measured against them: success must
// carry a non-empty `next` and neither `error` nor `errors`, not even empty; an error must never carry
// `next`, and carries `error` and `message` both. Exactly 200, because some clients test for it.

/** Seconds a client should wait before it tries again: longer than most stalls of D1, short enough for a person to stay. */
const RETRY_AFTER_SECONDS = 30;

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

/** Answers a lead that is durable: 200 to a script, 303 to the thank-you page to a browser. */
export function answerReceived(request: Request, leadId: string): Response {
  const next = new URL("/thanks", request.url).href;
  // 303, not 302: what follows is a GET, and a reload posts nothing again.
  if (!wantsJson(request)) return new Response(null, { status: 303, headers: { Location: next } });
  return Response.json({
    ok: true,
    success: true,
    id: leadId,
    status: "received",
    next,
    message: RECEIVED_MESSAGE,
  });
}

function describeError(error: FieldError): string {
  return error.field === undefined ? error.message : `${error.field} ${error.message}`;
}

/** Answers a submission that was not taken, naming each field: JSON to a script, a page to a browser. */
export async function answerRefusal(
  request: Request,
  { status, errors }: Refusal,
): Promise<Response> {
  const headers = new Headers();
  if (status === 503) headers.set("Retry-After", String(RETRY_AFTER_SECONDS));
  if (wantsJson(request)) {
    const message = describeError(errors[0]);
    return Response.json(
      { ok: false, success: false, error: message, message, errors },
      { status, headers },
    );
  }
  const items = errors.map((error) => html`<li>${describeError(error)}</li>`);
  const content = html`<ul>
      ${items}
    </ul>
    <p>Please go back, check the form and send it again.</p>`;
  return await renderPage("Your message was not sent", content, { status, headers });
}
