import type { KnownBlock, MrkdwnElement, PlainTextElement } from "@slack/types";
import type { Announcement } from "../announcement.ts";
import type { ChannelKind } from "./channel.ts";
import {
  escapeMarkup,
  plain,
  showText,
  sizeOf,
  SLACK_LIMITS,
  type SlackMessage,
} from "./format.ts";

// Whatever a stranger typed stands in a `plain_text`: nothing in it can mention, link or format. Markup is only where a mention
// or a link of ours must be: Slack makes one of nothing else.

/** What a message is written for, beside its leads. */
export interface Setting {
  /** Who reads it. */
  readonly kind: ChannelKind;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Where the router is reached from outside, "https://leads.acme.com"; null = leads are named by their ids. */
  readonly publicUrl: string | null;
  /** Whether a better channel is broken: then the mention may not reach the rep either, and the name stands beside it. */
  readonly instead?: boolean;
}

/** Leads in one message at most: a header and two blocks each keep within Slack's 50 blocks. */
export const LEADS_PER_MESSAGE = Math.floor((SLACK_LIMITS.blocks - 1) / 2);
/** Up to so many leads have a part of four blocks each; more have two lines each. */
const ROOMY_LEADS = 8;
/** Leads that the lock screen names; it shows a few lines. */
const HEADLINES = 3;

/** Puts as many of these leads into one message as Slack accepts, all of one outcome: at least one, the first ones. */
export function packMessage(
  leads: readonly Announcement[],
  setting: Setting,
): { readonly message: SlackMessage; readonly leads: number } {
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
      { type: "header", text: plain(title) },
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
  const from = company === null ? who : `${who}, ${showText(company, 60)}`;
  const facts = join([lead.countryCode, scoreOf(lead)], ", ");
  return facts === "" ? from : `${from} (${facts})`;
}

/**
 * How much is shown of a text, in characters; the whole of it is in the audit. Long enough to recognise any of them by: eight
 * leads come to 9,000 characters at most.
 */
const ROOMY = {
  name: 100,
  email: 100,
  phone: 100,
  company: 100,
  source: 100,
  reason: 300,
  owner: 100,
};
/**
 * Short enough for 17 leads a message when every text is at its longest: then 1,000 leads of a burst take 59 messages, and a
 * channel accepts 60 a minute. Leads as they come are shorter, and fill a message of 24.
 */
const COMPACT = { name: 40, email: 50, phone: 20, company: 40, source: 24, reason: 100, owner: 30 };

/** A lead as a part of its own. */
function roomyLead(lead: Announcement, setting: Setting): KnownBlock[] {
  const age = ageOf(lead, setting.now);
  const details: KnownBlock = { type: "section", text: plain(detailsOf(lead, ROOMY, "\n")) };
  const reason = showText(lead.reason, ROOMY.reason);
  if (lead.outcome === "unassigned") {
    return [
      details,
      { type: "context", elements: [plain(reason)] },
      { type: "context", elements: whereItWaits(lead, age, setting) },
      { type: "divider" },
    ];
  }
  const words = setting.kind === "direct_message" ? `Came in ${age}` : `came in ${age}`;
  return [
    { type: "section", text: addressed(lead, words, ROOMY, setting) },
    details,
    { type: "context", elements: [plain(`Why: ${reason}`), pointer(lead, setting)] },
    { type: "divider" },
  ];
}

/** A lead in two blocks: who it is, and below, small, for whom and why. */
function compactLead(lead: Announcement, setting: Setting): KnownBlock[] {
  const age = ageOf(lead, setting.now);
  const reason = showText(lead.reason, COMPACT.reason);
  const why =
    lead.outcome === "unassigned"
      ? [plain(`${age}: ${reason}`)]
      : [addressed(lead, age, COMPACT, setting), plain(`Why: ${reason}`)];
  return [
    { type: "section", text: plain(detailsOf(lead, COMPACT, " · ")) },
    { type: "context", elements: [...why, pointer(lead, setting)] },
  ];
}

function whereItWaits(
  lead: Announcement,
  age: string,
  setting: Setting,
): (PlainTextElement | MrkdwnElement)[] {
  return setting.publicUrl === null
    ? [plain(`Lead ${lead.leadId}, came in ${age}. It waits in GET /api/unassigned.`)]
    : [plain(`Came in ${age}. It waits in GET /api/unassigned.`), pointer(lead, setting)];
}

/** The lead's contact and what is known of it, as two lines or more. */
function detailsOf(lead: Announcement, widths: typeof ROOMY, between: string): string {
  const show = (text: string | null, limit: number) => text && showText(text, limit);
  const source = show(lead.source, widths.source);
  const contact = [
    show(lead.name, widths.name),
    show(lead.email, widths.email),
    show(lead.phone, widths.phone),
  ];
  const facts = [
    show(lead.company ?? lead.companyDomain, widths.company),
    show(lead.countryCode, 2),
    scoreOf(lead),
    source && `from ${source}`,
  ];
  return join([join(contact, between), join(facts, " · ")], "\n") || "(no details)";
}

function join(parts: readonly (string | null)[], between: string): string {
  return parts.filter(Boolean).join(between);
}

function scoreOf({ score }: Announcement): string | null {
  return score === null ? null : `score ${score}`;
}

/** Whom it is for, and a few words of ours. */
function addressed(
  lead: Announcement,
  words: string,
  widths: typeof ROOMY,
  { kind, instead = false }: Setting,
): MrkdwnElement {
  if (kind === "direct_message") return { type: "mrkdwn", text: words };
  const name = `*${escapeMarkup(nameOfOwner(lead, widths.owner))}*`;
  const mention = lead.slackUserId === null ? null : `<@${lead.slackUserId}>`;
  const whom = mention === null ? name : instead ? `${mention} ${name}` : mention;
  return { type: "mrkdwn", text: `${whom} · ${words}` };
}

/** A link to the lead, or its id. */
function pointer(
  { leadId }: Announcement,
  { publicUrl }: Setting,
): PlainTextElement | MrkdwnElement {
  return publicUrl === null
    ? plain(`Lead ${leadId}`)
    : { type: "mrkdwn", text: `<${publicUrl}/api/leads/${leadId}|Open the lead>` };
}

function ageOf({ receivedAt }: Announcement, now: number): string {
  const seconds = Math.max(0, Math.round((now - receivedAt) / 1000));
  return seconds < 120 ? `${seconds} s ago` : `${Math.round(seconds / 60)} min ago`;
}

/** A rep's name on one line. The API accepts 200 characters of it. */
function nameOfOwner({ ownerName, ownerId }: Announcement, limit = 100): string {
  return showText(ownerName ?? ownerId ?? "nobody", limit);
}
