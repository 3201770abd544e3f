import type { KnownBlock } from "@slack/types";
import type { Announcement } from "./announcement.ts";
import { compactLead, nameOfOwner, roomyLead, type Setting } from "./lead-blocks.ts";
import { SLACK_LIMITS } from "./slack-limits.ts";
import { escapeMarkup, showText } from "./visible-text.ts";

/** The body of a post to an incoming webhook, and most of one to chat.postMessage. */
export interface SlackMessage {
  /** What a phone's lock screen shows. */
  readonly text: string;
  readonly blocks: KnownBlock[];
}

/** Leads in one message at most: a header and two blocks each keep within Slack's 50 blocks. */
export const LEADS_PER_MESSAGE = Math.floor((SLACK_LIMITS.blocks - 1) / 2);
/** Up to so many leads have a part of four blocks each; more are told in two lines each. */
const ROOMY_LEADS = 8;
/** Leads that the lock screen names; it shows a few lines. */
const HEADLINES = 3;

/** A message and how many of the leads it tells of: the first ones, as many as fit. */
export interface Packed {
  readonly message: SlackMessage;
  readonly leads: number;
}

/** Puts as many of these leads into one message as Slack takes, all of one outcome. At least one. */
export function packMessage(leads: readonly Announcement[], setting: Setting): Packed {
  const most = leads.slice(0, LEADS_PER_MESSAGE);
  if (most.length <= ROOMY_LEADS) {
    const message = writeMessage(most, setting, roomyLead);
    if (sizeOf(message) <= SLACK_LIMITS.message) return { message, leads: most.length };
  }
  for (let count = most.length; ; count--) {
    const message = writeMessage(most.slice(0, count), setting, compactLead);
    if (count <= 1 || sizeOf(message) <= SLACK_LIMITS.message) return { message, leads: count };
  }
}

/** What Slack is taken to count of a message, in characters. */
export function sizeOf({ text, blocks }: SlackMessage): number {
  const texts = blocks.flatMap((block) => {
    if (block.type === "header" || block.type === "section") return block.text ?? [];
    return block.type === "context" ? block.elements.filter(({ type }) => type !== "image") : [];
  });
  const shown = texts.reduce((sum, part) => sum + ("text" in part ? part.text.length : 0), 0);
  return text.length + shown + blocks.length * SLACK_LIMITS.block;
}

function writeMessage(
  leads: readonly Announcement[],
  setting: Setting,
  writeLead: (lead: Announcement, setting: Setting) => KnownBlock[],
): SlackMessage {
  const title = titleOf(leads, setting);
  const named = leads.slice(0, HEADLINES).map(headline).join("; ");
  const more = leads.length - HEADLINES;
  return {
    text: escapeMarkup(`${title}: ${named}${more > 0 ? `; and ${more} more` : ""}`),
    blocks: [
      { type: "header", text: { type: "plain_text", text: title, emoji: false } },
      ...leads.flatMap((lead) => writeLead(lead, setting)),
    ],
  };
}

function titleOf(leads: readonly Announcement[], { kind }: Setting): string {
  const [first] = leads;
  if (first === undefined) throw new Error("a message needs a lead");
  if (first.outcome === "unassigned")
    return leads.length === 1 ? "A lead found no rep" : `${leads.length} leads found no rep`;
  const count = leads.length === 1 ? "New lead" : `${leads.length} new leads`;
  if (kind === "direct_message") return `${count} for you`;
  return leads.length === 1 ? `${count} for ${nameOfOwner(first)}` : count;
}

/** "Jane Doe, Acme (DE, score 87.5)" */
function headline(lead: Announcement): string {
  const who = showText(lead.name ?? lead.email ?? lead.phone ?? "someone", 60);
  const company = lead.company ?? lead.companyDomain;
  const facts = [lead.countryCode, lead.score === null ? null : `score ${lead.score}`].filter(
    (fact) => fact !== null,
  );
  const from = company === null ? who : `${who}, ${showText(company, 60)}`;
  return facts.length === 0 ? from : `${from} (${facts.join(", ")})`;
}
