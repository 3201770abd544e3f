// What senders make of an answer differs; this fits all of them. 404 and 410 switch Typeform's webhook off at once, a 4xx is
// final to HubSpot, a redirect is a failure to Webflow, and 24 hours without a 2xx end Calendly's: so our own mistakes are 503.

/** Seconds until a sender should try again: senders wait longer anyway, and HubSpot counts in milliseconds. */
const RETRY_AFTER_SECONDS = 60;

/** It is durable, or nothing needs to be: do not send it again. */
export function answerTaken(): Response {
  return Response.json({});
}

/** Not now: send it again. */
export function answerLater(sender: string, message: string): Response {
  const wait = sender === "hubspot" ? RETRY_AFTER_SECONDS * 1000 : RETRY_AFTER_SECONDS;
  return Response.json({ message }, { status: 503, headers: { "Retry-After": String(wait) } });
}

/** No, and it will stay so. */
export function answerNo(status: 401 | 404 | 410 | 413, message: string): Response {
  return Response.json({ message }, { status });
}
