import type { KnownBlock } from "@slack/types";
import { SLACK_LIMITS } from "./slack-limits.ts";
import type { SlackMessage } from "./slack-message.ts";
import { escapeMarkup, showText } from "./visible-text.ts";

// What ops are told beside leads that found no rep. Nothing in it was typed by a stranger, but for what Slack answered.

/** Lines of one message: what fits a screen, and Slack's limits. */
const LINES = 20;
/** So many lines or fewer share the room of a section without getting longer for it. */
const LEAST_SHARES = 10;
/** Room for "and 12,345 more". */
const MORE = 20;

/** Tells ops of work that keeps failing. */
export function stuckMessage(
  stuck: readonly { readonly leadId: string; readonly kind: string }[],
): SlackMessage {
  const title = stuck.length === 1 ? "A lead is stuck" : `${stuck.length} leads are stuck`;
  return opsMessage(
    title,
    stuck.map(({ leadId, kind }) => `${leadId} waits for ${kind}`),
  );
}

/** What does not work, and Slack's words. */
export interface Trouble {
  /** A channel's name, a secret's, or "refused by" and a channel's. */
  readonly name: string;
  readonly cause: string;
}

/** Tells ops of channels in which nobody hears any more. */
export function troubleMessage(troubles: readonly Trouble[]): SlackMessage {
  return opsMessage(
    "Slack does not take what it should",
    troubles.map(({ name, cause }) => `${name}: ${cause}`),
    "Leads are told in the next channel known until it works again. You are not told of each.",
  );
}

/** Tells ops of leads whose reps were never told. */
export function untoldMessage(leadIds: readonly string[], cause: string): SlackMessage {
  const count = leadIds.length === 1 ? "a lead" : `${leadIds.length} leads`;
  return opsMessage(`Nobody was told of ${count}: ${cause}`, leadIds);
}

/** What ops are told: a title, a line each of what it is about, and words of our own below. Longer texts are cut to Slack's limits. */
export function opsMessage(title: string, lines: readonly string[], note?: string): SlackMessage {
  const more = lines.length - LINES;
  const shares = Math.max(LEAST_SHARES, Math.min(lines.length, LINES));
  // Less the line break.
  const width = Math.floor((SLACK_LIMITS.sectionText - MORE) / shares) - 1;
  const list = lines.slice(0, LINES).map((line) => showText(line, width));
  const text = [...list, ...(more > 0 ? [`and ${more} more`] : [])].join("\n");
  const header = showText(title, SLACK_LIMITS.headerText);
  const blocks: KnownBlock[] = [
    { type: "header", text: { type: "plain_text", text: header, emoji: false } },
    { type: "section", text: { type: "plain_text", text, emoji: false } },
  ];
  if (note !== undefined) {
    blocks.push({
      type: "context",
      elements: [{ type: "plain_text", text: note, emoji: false }],
    });
  }
  return { text: escapeMarkup(header), blocks };
}
