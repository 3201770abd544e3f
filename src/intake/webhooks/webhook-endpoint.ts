import { Hono } from "hono";
import { sha256Hex } from "../../lib/digest.ts";
import { classifyFailure } from "../../lib/failure.ts";
import type { Deps, WithDeps } from "../../ports/deps.ts";
import { findSource } from "../../rules/source.ts";
import { readBytes } from "../body/body.ts";
import { type Endpoint, receive } from "../receive.ts";
import {
  adapterOf,
  deliverySteps,
  resultOfDelivery,
  type SourceDelivery,
  type Unclaimed,
  unclaimed,
} from "./delivery.ts";
import type { Adapter, Delivery } from "./sender.ts";
import { leaveDelivery } from "./unclaimed.ts";

/** Bytes of a delivery: ten times what a lead may have, and as base64 well below the 2 MB that D1 takes a value. */
export const MAX_BODY_BYTES = 500_000;

/** Where senders post: `POST /in/:sender/:key`, and `/in/:sender/:key/:secret` for those that sign nothing. Mounted at the root. */
export function webhooksApp(): Hono<WithDeps> {
  const app = new Hono<WithDeps>();
  app.post("/in/:sender/:key/:secret?", (c) =>
    receive(c.var.deps, webhookEndpoint(c.var.deps, c.req.param(), c.req.raw)),
  );
  return app;
}

interface Address {
  readonly sender: string;
  readonly key: string;
  /** The last part of the path, where there is one. */
  readonly secret?: string | undefined;
}

interface Received extends SourceDelivery {
  /** The source's name, or the one it had when it still had the key in the path. */
  readonly name: string;
}

/** Nothing is left to decide. */
interface Answered {
  readonly ok: false;
  readonly outcome: "answered";
  readonly response: Response;
}

function webhookEndpoint(
  deps: Deps,
  { sender, key, secret }: Address,
  request: Request,
): Endpoint<Received, Unclaimed | Answered> {
  const steps = deliverySteps(deps);
  return {
    ...steps,

    async read() {
      const found = findSource(deps.sources, sender, key);
      if (found.outcome === "unknown") return answered(answerNo(404, "There is no such webhook."));
      if (found.outcome === "archived")
        return answered(answerNo(410, "This webhook was given up."));
      const { source } = found;
      const body = await readBytes(request, MAX_BODY_BYTES);
      if (body === "too_large") {
        deps.log("error", "webhook_too_large", { source: source.name });
        return answered(answerNo(413, `The body is larger than ${MAX_BODY_BYTES} bytes.`));
      }
      if (body === "cut_off") return answered(answerLater(sender));
      const delivery = readDelivery(adapterOf(source), secret, request.headers, body);
      const name = found.outcome === "retired" ? found.name : source.name;
      return { ok: true, source, name, delivery, receivedAt: deps.now() };
    },

    guard: async (received) =>
      received.name === received.source.name
        ? await steps.guard(received)
        : unclaimed("retired_key"),

    async answer(outcomes, received) {
      const [first] = outcomes;
      if (first?.outcome === "answered") return first.response;
      const result = resultOfDelivery(outcomes.filter((one) => one.outcome !== "answered"));
      if (result.outcome === "accepted") return answerAccepted();
      if (result.outcome === "unavailable" || received === null) return answerLater(sender);
      return await leave(deps, received, result);
    },

    fail(error) {
      deps.log("error", "webhook_failed", { failure: classifyFailure(error) });
      return answered(answerLater(sender));
    },
  };
}

function answered(response: Response): Answered {
  return { ok: false, outcome: "answered", response };
}

function readDelivery(
  { headers: names }: Adapter,
  secret: string | undefined,
  headers: Headers,
  body: Uint8Array,
): Delivery {
  const sent = names.flatMap((name): [string, string][] => {
    const value = headers.get(name);
    return value === null ? [] : [[name, value]];
  });
  const pathSecret = secret === undefined ? null : sha256Hex(secret);
  return { body, headers: Object.fromEntries(sent), pathSecret };
}

/** Keeps a delivery that became no lead, and answers it. */
async function leave(
  deps: Deps,
  { source: { sender }, name: source, receivedAt, delivery }: Received,
  { reason, doubt = undefined }: Unclaimed,
): Promise<Response> {
  const left = { id: deps.newId(), receivedAt, source, reason, delivery };
  const kept = await leaveDelivery(deps, left);
  deps.log("warn", "webhook_left", { source, reason, doubt: doubt ?? null, kept });
  switch (reason) {
    case "bad_signature":
      return answerNo(401, "The signature does not fit.");
    case "not_configured":
    case "retired_key":
      return answerLater(sender, "This webhook is not set up at the moment. Please send it again.");
    case "unreadable":
    case "no_contact":
    case "too_large":
      // Sent again it would be the same. Only a delivery that is not kept must come once more, or it would be lost.
      return kept ? answerAccepted() : answerLater(sender);
  }
}

// What senders make of an answer differs; this fits all of them. 404 and 410 switch Typeform's webhook off at once, a 4xx is
// final to HubSpot, a redirect is a failure to Webflow, and 24 hours without a 2xx end Calendly's: so our own mistakes are 503.

/** Seconds until a sender should try again: senders wait longer anyway, and HubSpot counts in milliseconds. */
const RETRY_AFTER_SECONDS = 60;

/** It is durable, or nothing needs to be: do not send it again. */
function answerAccepted(): Response {
  return Response.json({});
}

/** Not now: send it again. */
function answerLater(
  sender: string,
  message = "It could not be taken just now. Please send it again.",
): Response {
  const wait = sender === "hubspot" ? RETRY_AFTER_SECONDS * 1000 : RETRY_AFTER_SECONDS;
  return Response.json({ message }, { status: 503, headers: { "Retry-After": String(wait) } });
}

/** No, and it will stay so. */
function answerNo(status: 401 | 404 | 410 | 413, message: string): Response {
  return Response.json({ message }, { status });
}
