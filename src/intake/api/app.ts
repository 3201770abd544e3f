import { Hono } from "hono";
import { cors } from "hono/cors";
import type { Deps, WithDeps } from "../../ports/deps.ts";
import { classifyFailure } from "../../lib/failure.ts";
import { acceptLead } from "./accept.ts";
import { answerReceived, answerRefusal } from "./answer.ts";
import { readBody, TOO_LARGE } from "./body.ts";
import { readIdempotencyKey } from "./idempotency-key.ts";
import { parseLead } from "./normalise.ts";
import { dropOwnFields } from "../../rules/own-fields.ts";
import { renderThanks } from "./page.ts";
import { FAILED, KEY_REUSED, refuse, UNAVAILABLE } from "./refusal.ts";

// Any site may post a form here, as it can without CORS; no cookie is ever read. The two Formspree
// headers are what that service's own client sends. 7200 s is the longest that Chromium keeps a preflight.
const anyOrigin = cors({
  origin: "*",
  allowMethods: ["POST", "OPTIONS"],
  allowHeaders: [
    "Content-Type",
    "Accept",
    "X-Requested-With",
    "Idempotency-Key",
    "Formspree-Client",
    "Formspree-Session-Data",
  ],
  maxAge: 7200,
});

async function takeLead(request: Request, deps: Deps): Promise<Response> {
  const idempotency = readIdempotencyKey(request.headers);
  if (!idempotency.ok) return await answerRefusal(request, idempotency);
  const body = await readBody(request);
  if (!body.ok) return await answerRefusal(request, body);
  dropOwnFields(body.fields);
  const lead = parseLead(body.fields);
  if (!lead.ok) return await answerRefusal(request, refuse(422, ...lead.errors));

  const accepted = await acceptLead(deps, lead.draft, idempotency.key, { comparesKey: true });
  switch (accepted.outcome) {
    case "received":
    case "duplicate":
      return answerReceived(request, accepted.leadId);
    case "key_reused":
      return await answerRefusal(request, KEY_REUSED);
    case "too_large":
      return await answerRefusal(request, TOO_LARGE);
    case "unavailable":
      return await answerRefusal(request, UNAVAILABLE);
  }
}

/** The public door: `POST /leads` and what belongs to it. Mounted at the root. */
export function intakeApp(): Hono<WithDeps> {
  const app = new Hono<WithDeps>();
  app.use("/leads", anyOrigin);
  app.post("/leads", (c) => takeLead(c.req.raw, c.var.deps));
  app.get("/thanks", () => renderThanks());
  app.get("/healthz", (c) => c.json({ ok: true }));
  app.onError((error, c) => {
    c.var.deps.log("error", "intake_failed", { failure: classifyFailure(error) });
    return answerRefusal(c.req.raw, FAILED);
  });
  return app;
}
