import { once } from "node:events";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { Webhook } from "standardwebhooks";

/** One call that came in, as the receiver's own library reads it: null = no secret of it fits. */
export interface Received {
  readonly path: string;
  readonly id: string;
  readonly signatures: number;
  readonly event: unknown;
}

/** How the receiver answers: a status, with `Retry-After` perhaps. */
export interface CrmAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
}

export const OK: CrmAnswer = { status: 204 };

/** A receiver of webhooks on real HTTP on loopback, which verifies with the package `standardwebhooks`. */
export async function startCrm(secret: string) {
  const state = { secret, answer: (_received: Received, _nth: number): CrmAnswer => OK };
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const body = await text(request);
    const {
      "webhook-id": id = "",
      "webhook-timestamp": at = "",
      "webhook-signature": signature = "",
    } = request.headers as Record<string, string | undefined>;
    const headers = { "webhook-id": id, "webhook-timestamp": at, "webhook-signature": signature };
    const event = verify(state.secret, body, headers);
    const one = { path: request.url ?? "", id, signatures: signature.split(" ").length, event };
    received.push(one);
    const answer = state.answer(one, received.length);
    response.writeHead(answer.status, answer.headers ?? {}).end("something about a lead");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    base: `http://127.0.0.1:${address.port}`,
    received,
    /** The secret it verifies by, and how it answers; both may be changed. */
    state,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

function verify(secret: string, body: string, headers: Record<string, string>): unknown {
  try {
    return new Webhook(secret).verify(body, headers);
  } catch {
    return null;
  }
}
