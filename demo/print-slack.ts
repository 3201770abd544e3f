import { clipToWidth, WIDTH } from "./columns.ts";
import type { Channel, PostedMessage } from "./slack-stand-in.ts";
import { paint } from "./terminal.ts";

const CHANNEL_NAMES: Readonly<Record<Channel, string>> = {
  assignments: "#new-leads",
  ops: "#lead-ops",
};

/** Leads of one message that are shown; the message itself has up to 24. */
const SHOWN_LEADS = 2;

/** One lead of a message: what is said of it, and the small print. */
export interface Told {
  readonly main: string;
  readonly small: readonly string[];
}

/** A Block Kit message as a person reads it: its heading, then what stands between the dividers. */
export function readMessage(
  { text, blocks }: PostedMessage,
  nameOf: (slackUserId: string) => string,
): { heading: string; told: Told[] } {
  const told: Told[] = [];
  let heading = text;
  let main: string[] = [];
  let small: string[] = [];
  const finish = () => {
    if (main.length > 0 || small.length > 0) told.push({ main: main.join(" · "), small });
    main = [];
    small = [];
  };
  for (const block of blocks) {
    const said = [block.text, ...(block.elements ?? [])].flatMap((part) => {
      if (part === undefined) return [];
      return part.type === "mrkdwn" ? readMarkup(part.text, nameOf) : part.text;
    });
    // Where many leads share a message no divider stands between them: each begins after the other's small print.
    if (block.type === "section" && small.length > 0) finish();
    if (block.type === "header") heading = said.join(" ");
    else if (block.type === "divider") finish();
    else if (block.type === "context") small.push(...said);
    else main.push(...said.flatMap((lines) => lines.split("\n")));
  }
  finish();
  return { heading, told };
}

/** Mentions become names, and Slack's three escapes the characters they stand for. */
function readMarkup(text: string, nameOf: (slackUserId: string) => string): string {
  return text
    .replaceAll(/<@([UW][A-Z0-9]+)>/g, (_, id: string) => `@${nameOf(id)}`)
    .replaceAll(/\*([^*]+)\*/g, "$1")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&");
}

/** The message in a few lines for the terminal. */
export function renderMessage(
  channel: Channel,
  message: PostedMessage,
  nameOf: (slackUserId: string) => string,
): string[] {
  const { heading, told } = readMessage(message, nameOf);
  const bar = paint(channel === "ops" ? "yellow" : "magenta", "  ┃ ");
  const room = WIDTH - 4;
  const lines = [
    `${bar}${paint("bold", `Slack ${CHANNEL_NAMES[channel]}`)}  ${clipToWidth(heading, room - 18)}`,
  ];
  for (const { main, small } of told.slice(0, SHOWN_LEADS)) {
    if (main !== "") lines.push(bar + clipToWidth(main, room));
    for (const line of small) lines.push(bar + paint("dim", `  ${clipToWidth(line, room - 2)}`));
  }
  const more = told.length - SHOWN_LEADS;
  if (more > 0) lines.push(bar + paint("dim", `and ${more} more`));
  return lines;
}
