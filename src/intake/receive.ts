import { sha256Hex } from "../lib/digest.ts";
import { RouterError } from "../lib/failure.ts";
import type { Deps } from "../ports/deps.ts";
import { type Accepted, acceptLead, type Submission } from "./accept.ts";
import { refuse, type Refusal } from "./answer.ts";
import { TOO_LARGE } from "./body/body.ts";

// The way in of every lead: read, guard, draft, accept, answer. Three endpoints bring it steps of their own:
//   POST /leads             leads-endpoint.ts              JSON or a form, from anybody
//   /f/… and its like       forms/form-endpoint.ts         forms that rules.ts declares, in the markup of several services
//   /in/:sender/:key        webhooks/webhook-endpoint.ts   deliveries of services, several leads in one
// Accepting is the same for all (accept.ts): a lead is durable before its sender is answered.

/** Why a request goes no further. Each endpoint has its own reasons. */
interface Stop {
  readonly ok: false;
}

/** The steps between reading and answering. A kept delivery that is replayed goes through these alone. */
export interface Steps<Sent, Stopped extends Stop> {
  /** Why the sender may not send it, or not so often; null when they may. */
  guard(sent: Sent): Promise<Stopped | null>;
  /** The leads in it, ready to be accepted; the outcome itself of one that need not be accepted. */
  draft(sent: Sent): Promise<readonly (Submission | Accepted | Stopped)[]>;
  /** The endpoint's own work while the leads are stored, so that the sender does not wait for both in turn. Never rejects. */
  meanwhile?(sent: Sent): Promise<unknown>;
}

/** What an endpoint does with one request. */
export interface Endpoint<Sent extends { readonly ok: true }, Stopped extends Stop> extends Steps<
  Sent,
  Stopped
> {
  /** Finds the form or source that is meant, and reads the body. Whatever can be refused without the body is refused first. */
  read(): Promise<Sent | Stopped>;
  /** @param sent null when it was not read */
  answer(outcomes: readonly (Accepted | Stopped)[], sent: Sent | null): Promise<Response>;
  /** Logs an error of ours. */
  fail(error: unknown, sent: Sent | null): Stopped;
}

/** Receives one request. */
export async function receive<Sent extends { readonly ok: true }, Stopped extends Stop>(
  deps: Deps,
  endpoint: Endpoint<Sent, Stopped>,
): Promise<Response> {
  let sent: Sent | null = null;
  try {
    const read = await endpoint.read();
    if (!read.ok) return await endpoint.answer([read], null);
    sent = read;
    return await endpoint.answer(await admit(deps, endpoint, sent), sent);
  } catch (error) {
    return await endpoint.answer([endpoint.fail(error, sent)], sent);
  }
}

/** Guards, drafts and accepts what was read. Yields what became of each lead in it. */
export async function admit<Sent, Stopped extends Stop>(
  deps: Deps,
  steps: Steps<Sent, Stopped>,
  sent: Sent,
): Promise<readonly (Accepted | Stopped)[]> {
  const stopped = await steps.guard(sent);
  if (stopped !== null) return [stopped];
  const accept = async () =>
    await Promise.all(
      (await steps.draft(sent)).map((one) => ("draft" in one ? acceptLead(deps, one) : one)),
    );
  const [outcomes] = await Promise.all([accept(), steps.meanwhile?.(sent)]);
  return outcomes;
}

/** Neither D1 nor the queue took it. */
const UNAVAILABLE = refuse(503, {
  code: "UNAVAILABLE",
  message: "The form could not be stored just now. Please try again in a moment.",
});

/** What was sent under this key before was something else, and is kept; this is not. */
const KEY_REUSED = refuse(422, {
  code: "IDEMPOTENCY_KEY_REUSED",
  field: "Idempotency-Key",
  message: "was sent with something else before: take a new one for each submission",
});

/** What the sender of a single lead is told: its id, or why it was refused. Quarantined or not, the answer is the same. */
export function resultOf([outcome]: readonly (Accepted | Refusal)[]):
  | { readonly ok: true; readonly leadId: string }
  | Refusal {
  if (outcome === undefined) throw new RouterError("a single lead has no outcome");
  if ("ok" in outcome) return outcome;
  switch (outcome.outcome) {
    case "received":
    case "duplicate":
      return { ok: true, leadId: outcome.leadId };
    case "key_reused":
      return KEY_REUSED;
    case "too_large":
      return TOO_LARGE;
    case "unavailable":
      return UNAVAILABLE;
  }
}

// 255 characters is Stripe's limit, which client libraries keep to; what is not visible ASCII would not survive as a header.
const KEY = /^[\x21-\x7e]{1,255}$/;

/**
 * The digest of a request's `Idempotency-Key`; null when none was sent. Refuses with 400 what cannot be a key. Only the SHA-256
 * of the key is stored: it outlives the person's erasure (or a retry in flight would bring the person back), and some
 * clients put an address into it.
 * @param form the form it came to: each has keys of its own. Left out = POST /leads, or the API
 */
export function readIdempotencyKey(
  headers: Headers,
  form: string | null = null,
): { readonly ok: true; readonly key: string | null } | Refusal {
  const key = headers.get("Idempotency-Key");
  if (key === null) return { ok: true, key };
  if (KEY.test(key)) {
    // A header cannot hold NUL, so no other endpoint's key is ever the same.
    const scoped = form === null ? key : ["form", form, key].join("\0");
    return { ok: true, key: sha256Hex(scoped) };
  }
  return refuse(400, {
    code: "TYPE_TEXT",
    field: "Idempotency-Key",
    message: "should be 1 to 255 visible ASCII characters",
  });
}
