// Scripts of a site read the answer, refusals too: without these headers a browser would show them none. No cookie is ever read.

// The two of Formspree are what its own client sends.
const HEADERS =
  "Content-Type, Accept, X-Requested-With, Idempotency-Key, Formspree-Client, Formspree-Session-Data";
/** Seconds: the longest that Chromium keeps the answer to a preflight. */
const MAX_AGE = "7200";

/** Lets the calling page read an answer. */
export function shareAnswer(request: Request, response: Response): Response {
  const shared = new Response(response.body, response);
  shared.headers.append("Vary", "Origin");
  const origin = request.headers.get("Origin");
  if (origin !== null) {
    shared.headers.set("Access-Control-Allow-Origin", origin);
    shared.headers.set("Access-Control-Expose-Headers", "Retry-After");
  }
  return shared;
}

/** Answers a preflight. To a page that may not post, without the headers: its browser sends nothing then. */
export function answerPreflight(request: Request, isAllowed: boolean): Response {
  if (!isAllowed) return new Response(null, { status: 403, headers: { Vary: "Origin" } });
  const response = shareAnswer(request, new Response(null, { status: 204 }));
  response.headers.set("Access-Control-Allow-Methods", "POST, OPTIONS");
  response.headers.set("Access-Control-Allow-Headers", HEADERS);
  response.headers.set("Access-Control-Max-Age", MAX_AGE);
  return response;
}
