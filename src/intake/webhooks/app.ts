import { Hono } from "hono";
import type { Deps, WithDeps } from "../../ports/deps.ts";
import { sha256Hex } from "../../lib/digest.ts";
import { classifyFailure } from "../../lib/failure.ts";
import { readBytes } from "../api/stream-body.ts";
import type { Adapter, Delivery, Doubt } from "./adapter.ts";
import { adapterOf } from "./adapters.ts";
import { answerLater, answerNo, answerTaken } from "./answer.ts";
import type { KeptReason } from "./deliveries.ts";
import { leaveDelivery } from "./leave.ts";
import { findSource } from "../../rules/source.ts";
import { takeDelivery } from "./take.ts";

/** Bytes of a delivery: ten times what a lead may have, and as base64 well below the 2 MB that D1 takes a value. */
export const MAX_BODY_BYTES = 500_000;

const AGAIN = "It could not be taken just now. Please send it again.";

/** Where a delivery was posted to. */
interface Address {
  readonly sender: string;
  readonly key: string;
  /** The last part of the path, where there is one. */
  readonly secret: string | undefined;
}

async function receive(deps: Deps, address: Address, request: Request): Promise<Response> {
  const { sender, key } = address;
  const found = findSource(deps.sources, sender, key);
  if (found.outcome === "unknown") return answerNo(404, "There is no such webhook.");
  if (found.outcome === "archived") return answerNo(410, "This webhook was given up.");

  const body = await readBytes(request, MAX_BODY_BYTES);
  if (body === "too_large") {
    deps.log("error", "webhook_too_large", { source: found.source.name });
    return answerNo(413, `The body is larger than ${MAX_BODY_BYTES} bytes.`);
  }
  if (body === "cut_off") return answerLater(sender, AGAIN);
  const adapter = adapterOf(found.source);
  const delivery = readDelivery(adapter, address, request.headers, body);

  const receivedAt = deps.now();
  if (found.outcome === "retired") {
    const left = { name: found.name, reason: "retired_key", receivedAt } as const;
    return await leave(deps, sender, left, delivery);
  }
  const { name } = found.source;
  const taken = await takeDelivery(deps, found.source, delivery, receivedAt);
  switch (taken.outcome) {
    case "taken":
      return answerTaken();
    case "unavailable":
      return answerLater(sender, AGAIN);
    case "left":
      return await leave(deps, sender, { name, ...taken, receivedAt }, delivery);
  }
}

function readDelivery(
  { headers: names }: Adapter,
  { secret }: Address,
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

interface Left {
  readonly name: string;
  readonly reason: KeptReason;
  readonly doubt?: Doubt;
  readonly receivedAt: number;
}

/** Keeps what became no lead, and answers it. */
async function leave(
  deps: Deps,
  sender: string,
  { name, reason, doubt = undefined, receivedAt }: Left,
  delivery: Delivery,
): Promise<Response> {
  const left = { id: deps.newId(), receivedAt, source: name, reason, delivery };
  const isKept = await leaveDelivery(deps, left);
  deps.log("warn", "webhook_left", { source: name, reason, doubt: doubt ?? null, kept: isKept });
  switch (reason) {
    case "bad_signature":
      return answerNo(401, "The signature does not fit.");
    case "not_configured":
    case "retired_key":
      return answerLater(sender, "This webhook is not set up at the moment. Please send it again.");
    case "unreadable":
    case "no_contact":
    case "too_large":
      // Sent again it would be the same. Only what is not kept must come once more, or it would be lost.
      return isKept ? answerTaken() : answerLater(sender, AGAIN);
  }
}

/** The senders' door: `POST /in/:sender/:key`, and `/in/:sender/:key/:secret` for those that sign nothing. Mounted at the root. */
export function webhooksApp(): Hono<WithDeps> {
  const app = new Hono<WithDeps>();
  app.post("/in/:sender/:key/:secret?", (c) => {
    const { sender, key, secret } = c.req.param();
    return receive(c.var.deps, { sender, key, secret }, c.req.raw);
  });
  app.onError((error, c) => {
    const sender = c.req.param("sender") ?? "";
    c.var.deps.log("error", "webhook_failed", { failure: classifyFailure(error) });
    return answerLater(sender, AGAIN);
  });
  return app;
}
