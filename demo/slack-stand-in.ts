import { createServer, type IncomingMessage } from "node:http";
import { z } from "zod";

// What an incoming webhook takes, as far as the demo shows it. Unknown blocks are shown as nothing.
const textSchema = z.object({ type: z.enum(["plain_text", "mrkdwn"]), text: z.string() });
const blockSchema = z.object({
  type: z.string(),
  text: textSchema.optional(),
  elements: z.array(textSchema).optional(),
});
const messageSchema = z.object({
  text: z.string().min(1),
  // More than 50 blocks Slack refuses (docs.slack.dev, "Block Kit reference").
  blocks: z.array(blockSchema).max(50),
});

export type PostedMessage = z.infer<typeof messageSchema>;
export type Channel = "assignments" | "ops";

export interface SlackStandIn {
  readonly assignmentsUrl: string;
  readonly opsUrl: string;
  close(): Promise<void>;
}

/**
 * A server on loopback that stands in for Slack's incoming webhooks: it answers `ok` to a message Slack
 * would take, `400 invalid_payload` to any other, and hands each message on.
 */
export async function startSlackStandIn(
  show: (channel: Channel, message: PostedMessage) => void,
): Promise<SlackStandIn> {
  const server = createServer((request, response) => {
    void receive(request, show).then(
      ([status, answer]) => response.writeHead(status).end(answer),
      () => response.writeHead(500).end("rollup_error"),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port for Slack");
  const origin = `http://127.0.0.1:${address.port}`;
  return {
    assignmentsUrl: `${origin}/assignments`,
    opsUrl: `${origin}/ops`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function receive(
  request: IncomingMessage,
  show: (channel: Channel, message: PostedMessage) => void,
): Promise<[status: number, answer: string]> {
  const channel = channelOf(request.url);
  if (request.method !== "POST" || channel === null) return [404, "no_service"];
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  const message = parseMessage(Buffer.concat(chunks).toString("utf8"));
  if (message === null) return [400, "invalid_payload"];
  show(channel, message);
  return [200, "ok"];
}

function channelOf(path: string | undefined): Channel | null {
  if (path === "/assignments") return "assignments";
  return path === "/ops" ? "ops" : null;
}

/** The message, or null where Slack would refuse it. */
export function parseMessage(body: string): PostedMessage | null {
  try {
    return messageSchema.parse(JSON.parse(body));
  } catch {
    return null;
  }
}
