import { Hono } from "hono";
import { cors } from "hono/cors";
import { classifyFailure } from "../lib/failure.ts";
import type { Deps, WithDeps } from "../ports/deps.ts";
import { dropOwnFields } from "../rules/own-fields.ts";
import {
  ALLOWED_HEADERS,
  answerReceived,
  answerRefusal,
  FAILED,
  PREFLIGHT_SECONDS,
  type Refusal,
  renderThanks,
} from "./answer.ts";
import { readBody } from "./body/body.ts";
import { parseLead } from "./draft/parse-lead.ts";
import { type Endpoint, readIdempotencyKey, receive, resultOf } from "./receive.ts";

// Any site may post a form here, as it can without CORS; no cookie is ever read.
const anyOrigin = cors({
  origin: "*",
  allowMethods: ["POST", "OPTIONS"],
  allowHeaders: ALLOWED_HEADERS,
  maxAge: PREFLIGHT_SECONDS,
});

/** `POST /leads` and what belongs to it. Mounted at the root. */
export function intakeApp(): Hono<WithDeps> {
  const app = new Hono<WithDeps>();
  app.use("/leads", anyOrigin);
  app.post("/leads", (c) => receive(c.var.deps, leadsEndpoint(c.var.deps, c.req.raw)));
  app.get("/thanks", () => renderThanks());
  app.get("/healthz", (c) => c.json({ ok: true }));
  return app;
}

interface Sent {
  readonly ok: true;
  readonly fields: Record<string, unknown>;
  readonly idempotencyKey: string | null;
}

function leadsEndpoint({ log }: Pick<Deps, "log">, request: Request): Endpoint<Sent, Refusal> {
  return {
    async read() {
      const idempotency = readIdempotencyKey(request.headers);
      if (!idempotency.ok) return idempotency;
      const body = await readBody(request);
      if (!body.ok) return body;
      dropOwnFields(body.fields);
      return { ok: true, fields: body.fields, idempotencyKey: idempotency.key };
    },

    guard: async () => null,

    async draft({ fields, idempotencyKey }) {
      const lead = parseLead(fields);
      if (!lead.ok) return [lead];
      return [{ draft: lead.draft, door: "api", idempotencyKey, comparesKey: true }];
    },

    async answer(outcomes) {
      const result = resultOf(outcomes);
      return result.ok
        ? answerReceived(request, result.leadId)
        : await answerRefusal(request, result);
    },

    fail(error) {
      log("error", "intake_failed", { failure: classifyFailure(error) });
      return FAILED;
    },
  };
}
