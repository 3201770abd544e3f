import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import type { SlackMessage } from "../../../src/notify/slack/format.ts";
import { shownTexts } from "./shown-texts.ts";

// Slack on loopback, as its documentation describes it: incoming webhooks, which answer in plain text, and chat.postMessage,
// which answers 200 {ok: false, error}. Its limits are written down here anew, so that a mistake in the router's shows.

/** A message that the stand-in took. */
export interface TakenMessage {
  /** "#sales" of a webhook, the user's id of a direct message. */
  readonly channel: string;
  /** Milliseconds since the epoch, by the stand-in's clock. */
  readonly at: number;
  readonly message: SlackMessage;
}

/** An answer other than "taken": a status and a word for webhooks, a word for the Web API. */
interface SlackFault {
  readonly status: number;
  readonly word: string;
  readonly retryAfter?: number;
}

export interface SlackServer {
  /** The URL of a channel's webhook. */
  readonly webhook: (channel: string) => string;
  readonly apiUrl: string;
  readonly taken: readonly TakenMessage[];
  /** How many calls came in, and how many were answered 429. */
  readonly calls: { all: number; limited: number };
  /** Has a channel answer with this until it is given null. "*" is every channel. */
  readonly fail: (channel: string, fault: SlackFault | null) => void;
  readonly close: () => Promise<void>;
}

export interface SlackServerOptions {
  readonly token?: string;
  readonly now?: () => number;
  /** How long it takes to answer, in milliseconds. */
  readonly latencyMs?: number;
  /** Messages a channel takes at once before it holds it to one a second ("short bursts >1 allowed"). */
  readonly burst?: number;
}

interface Call {
  readonly channel: string;
  readonly body: unknown;
  readonly answer: (fault: SlackFault | null) => Answer;
}

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly retryAfter?: number;
}

export async function startSlackServer({
  token = "xoxb-test",
  now = Date.now,
  latencyMs = 0,
  burst = 1,
}: SlackServerOptions = {}): Promise<SlackServer> {
  const taken: TakenMessage[] = [];
  const calls = { all: 0, limited: 0 };
  const faults = new Map<string, SlackFault>();
  const buckets = new Map<string, { tokens: number; at: number }>();

  /** Seconds to wait; 0 = it may. */
  function limit(channel: string): number {
    const { tokens, at } = buckets.get(channel) ?? { tokens: burst, at: now() };
    const filled = Math.min(burst, tokens + (now() - at) / 1_000);
    const left = filled >= 1 ? filled - 1 : filled;
    buckets.set(channel, { tokens: left, at: now() });
    return filled >= 1 ? 0 : Math.ceil(1 - filled);
  }

  function take({ channel, body, answer }: Call): Answer {
    const fault = faults.get(channel) ?? faults.get("*");
    if (fault !== undefined) return answer(fault);
    const wait = limit(channel);
    if (wait > 0) {
      calls.limited += 1;
      return { ...answer({ status: 429, word: "ratelimited" }), status: 429, retryAfter: wait };
    }
    const message = isMessage(body) ? body : null;
    const wrong = message === null ? "invalid_payload" : findFault(message);
    if (message === null || wrong !== null)
      return answer({ status: 400, word: wrong ?? "invalid_payload" });
    taken.push({ channel, at: now(), message });
    return answer(null);
  }

  const server = createServer((request, response) => {
    void receive(request, token).then(async (call) => {
      calls.all += 1;
      if (latencyMs > 0) await sleep(latencyMs);
      const { status, body, retryAfter } = "answer" in call ? take(call) : call;
      if (retryAfter !== undefined) response.setHeader("Retry-After", String(retryAfter));
      response.writeHead(status).end(body);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port for Slack");
  const origin = `http://127.0.0.1:${address.port}`;
  return {
    webhook: (channel) => `${origin}/services/${encodeURIComponent(channel)}`,
    apiUrl: `${origin}/api/`,
    taken,
    calls,
    fail: (channel, fault) =>
      void (fault === null ? faults.delete(channel) : faults.set(channel, fault)),
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

async function receive(request: IncomingMessage, token: string): Promise<Call | Answer> {
  const body = await text(request);
  const path = request.url ?? "";
  if (path === "/api/chat.postMessage") {
    const bearer = request.headers.authorization;
    if (bearer !== `Bearer ${token}`)
      return apiAnswer(bearer === undefined ? "not_authed" : "invalid_auth");
    const form = new URLSearchParams(body);
    const message = { text: form.get("text"), blocks: parse(form.get("blocks") ?? "") };
    const answer = (fault: SlackFault | null): Answer =>
      fault !== null && fault.status !== 200 && fault.status !== 400
        ? { ...fault, body: apiAnswer(fault.word).body }
        : apiAnswer(fault?.word ?? null);
    return { channel: form.get("channel") ?? "", body: message, answer };
  }
  if (!path.startsWith("/services/")) return { status: 404, body: "no_service" };
  return {
    channel: decodeURIComponent(path.slice("/services/".length)),
    body: parse(body),
    answer: (fault) =>
      fault === null ? { status: 200, body: "ok" } : { ...fault, body: fault.word },
  };
}

function apiAnswer(error: string | null): Answer {
  const ok = { ok: true, channel: "D0123", ts: "1763803800.000100" };
  return { status: 200, body: JSON.stringify(error === null ? ok : { ok: false, error }) };
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}

function isMessage(body: unknown): body is SlackMessage {
  return (
    typeof body === "object" &&
    body !== null &&
    "text" in body &&
    typeof body.text === "string" &&
    "blocks" in body &&
    Array.isArray(body.blocks)
  );
}

/** Why Slack would refuse a message; null when it would not. Numbers from docs.slack.dev, "Blocks" and "Text object". */
function findFault({ text: fallback, blocks }: SlackMessage): string | null {
  if (fallback === "") return "no_text";
  if (fallback.length > 40_000) return "msg_too_long";
  if (blocks.length > 50) return "invalid_blocks";
  const texts = shownTexts(blocks);
  const limits: Record<string, number> = { header: 150, section: 3_000, context: 2_000 };
  const bad = texts.some(
    ({ block, type, text: shown }) =>
      shown === "" ||
      shown.length > (limits[block] ?? 0) ||
      (block === "header" && type !== "plain_text"),
  );
  if (bad || blocks.some((block) => block.type === "context" && block.elements.length > 10))
    return "invalid_blocks";
  // Not documented: as measured in slackapi/bolt-js #2509.
  const shown = texts.reduce((sum, { text: one }) => sum + one.length, 0);
  return shown > 13_200 ? "msg_blocks_too_long" : null;
}
