import { createServer, type IncomingMessage } from "node:http";
import { z } from "zod";
import { REPS } from "./sample-team.ts";
import { clipToWidth, paint, type Terminal, WIDTH } from "./terminal.ts";

// A mock of Slack's incoming webhooks, and how its messages look in a terminal.

// The part of a webhook's payload that the demo shows. Other kinds of blocks are not shown.
const textSchema = z.object({ type: z.enum(["plain_text", "mrkdwn"]), text: z.string() });
const blockSchema = z.object({
  type: z.string(),
  text: textSchema.optional(),
  elements: z.array(textSchema).optional(),
});
const messageSchema = z.object({
  text: z.string().min(1),
  // Slack refuses more than 50 blocks (docs.slack.dev, "Block Kit reference").
  blocks: z.array(blockSchema).max(50),
});

export type PostedMessage = z.infer<typeof messageSchema>;
type Channel = "assignments" | "ops";

/** The mock Slack, and what was announced there so far. */
export interface SlackLog extends MockSlack {
  readonly announced: { readonly messages: number; readonly leads: number };
  /** Whether messages are shown as they arrive; they are counted either way. */
  showing: boolean;
}

/** Starts the mock Slack and prints its messages as they arrive. */
export async function listenToSlack(terminal: Terminal): Promise<SlackLog> {
  const announced = { messages: 0, leads: 0 };
  const slack = await startMockSlack((channel, message) => {
    announced.messages += 1;
    announced.leads += readMessage(message, nameOfSlackUser).leads.length;
    if (log.showing) terminal.print(...renderMessage(channel, message, nameOfSlackUser));
  });
  const log: SlackLog = { ...slack, announced, showing: true };
  return log;
}

function nameOfSlackUser(slackUserId: string): string {
  return REPS.find((rep) => rep.slackUserId === slackUserId)?.name ?? slackUserId;
}

interface MockSlack {
  readonly assignmentsUrl: string;
  readonly opsUrl: string;
  close(): Promise<void>;
}

/**
 * A server on loopback that behaves like Slack's incoming webhooks: it answers `ok` to a message that
 * Slack would accept and `400 invalid_payload` to any other. `onMessage` gets each accepted message.
 */
export async function startMockSlack(
  onMessage: (channel: Channel, message: PostedMessage) => void,
): Promise<MockSlack> {
  const server = createServer((request, response) => {
    void receive(request, onMessage).then(
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
  onMessage: (channel: Channel, message: PostedMessage) => void,
): Promise<[status: number, answer: string]> {
  const channel = channelOf(request.url);
  if (request.method !== "POST" || channel === null) return [404, "no_service"];
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  const message = parseMessage(Buffer.concat(chunks).toString("utf8"));
  if (message === null) return [400, "invalid_payload"];
  onMessage(channel, message);
  return [200, "ok"];
}

function channelOf(path: string | undefined): Channel | null {
  if (path === "/assignments") return "assignments";
  return path === "/ops" ? "ops" : null;
}

/** The message, or null if Slack would refuse it. */
export function parseMessage(body: string): PostedMessage | null {
  try {
    return messageSchema.parse(JSON.parse(body));
  } catch {
    return null;
  }
}

const CHANNEL_NAMES: Readonly<Record<Channel, string>> = {
  assignments: "#new-leads",
  ops: "#lead-ops",
};

/** How many leads of a message are shown; the message itself has up to 24. */
const SHOWN_LEADS = 2;

/** The message in a few lines for the terminal. */
export function renderMessage(
  channel: Channel,
  message: PostedMessage,
  nameOf: (slackUserId: string) => string,
): string[] {
  const { heading, leads } = readMessage(message, nameOf);
  const bar = paint(channel === "ops" ? "yellow" : "magenta", "  ┃ ");
  const room = WIDTH - 4;
  const lines = [
    `${bar}${paint("bold", `Slack ${CHANNEL_NAMES[channel]}`)}  ${clipToWidth(heading, room - 18)}`,
  ];
  for (const { main, small } of leads.slice(0, SHOWN_LEADS)) {
    if (main !== "") lines.push(bar + clipToWidth(main, room));
    for (const line of small) lines.push(bar + paint("dim", `  ${clipToWidth(line, room - 2)}`));
  }
  const more = leads.length - SHOWN_LEADS;
  if (more > 0) lines.push(bar + paint("dim", `and ${more} more`));
  return lines;
}

/** One lead of a message: its main text, and the small print below. */
interface ShownLead {
  readonly main: string;
  readonly small: readonly string[];
}

/** A Block Kit message as a person reads it: its heading, then each lead. */
export function readMessage(
  { text, blocks }: PostedMessage,
  nameOf: (slackUserId: string) => string,
): { heading: string; leads: ShownLead[] } {
  const leads: ShownLead[] = [];
  let heading = text;
  let main: string[] = [];
  let small: string[] = [];
  const finish = () => {
    if (main.length > 0 || small.length > 0) leads.push({ main: main.join(" · "), small });
    main = [];
    small = [];
  };
  for (const block of blocks) {
    const texts = [block.text, ...(block.elements ?? [])].flatMap((part) => {
      if (part === undefined) return [];
      return part.type === "mrkdwn" ? readMarkup(part.text, nameOf) : part.text;
    });
    // A message of many leads has no dividers between them: a lead begins after the last one's small print.
    if (block.type === "section" && small.length > 0) finish();
    if (block.type === "header") heading = texts.join(" ");
    else if (block.type === "divider") finish();
    else if (block.type === "context") small.push(...texts);
    else main.push(...texts.flatMap((lines) => lines.split("\n")));
  }
  finish();
  return { heading, leads };
}

/** Replaces mentions by names, and Slack's three escapes by their characters. */
function readMarkup(text: string, nameOf: (slackUserId: string) => string): string {
  return text
    .replaceAll(/<@([UW][A-Z0-9]+)>/g, (_, id: string) => `@${nameOf(id)}`)
    .replaceAll(/\*([^*]+)\*/g, "$1")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&");
}
