import type { KnownBlock, MrkdwnElement, PlainTextElement } from "@slack/types";
import type { Announcement } from "./announcement.ts";
import type { ChannelKind } from "./channel.ts";
import { escapeMarkup, showText } from "./visible-text.ts";

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
  /** Whether the rep was to hear elsewhere and cannot: then the mention may not reach them either, and the name stands beside it. */
  readonly instead?: boolean;
}

/** How much is shown of a text, in characters. The whole of it is in the audit. */
interface Widths {
  readonly name: number;
  readonly email: number;
  readonly phone: number;
  readonly company: number;
  readonly source: number;
  readonly reason: number;
  readonly owner: number;
}

/** Long enough to recognise any of them by: eight leads come to 9,000 characters at most. */
const ROOMY: Widths = {
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
 * channel takes 60 a minute. Leads as they come are shorter, and fill a message of 24.
 */
const COMPACT: Widths = {
  name: 40,
  email: 50,
  phone: 20,
  company: 40,
  source: 24,
  reason: 100,
  owner: 30,
};

/** A lead as a part of its own. */
export function roomyLead(lead: Announcement, setting: Setting): KnownBlock[] {
  const age = ageOf(lead, setting.now);
  const details: KnownBlock = { type: "section", text: plain(detailsOf(lead, ROOMY, "\n")) };
  if (lead.outcome === "unassigned") {
    return [
      details,
      { type: "context", elements: [plain(showText(lead.reason, ROOMY.reason))] },
      { type: "context", elements: whereItWaits(lead, age, setting) },
      { type: "divider" },
    ];
  }
  const words = setting.kind === "direct_message" ? `Came in ${age}` : `came in ${age}`;
  return [
    { type: "section", text: addressed(lead, words, ROOMY, setting) },
    details,
    {
      type: "context",
      elements: [plain(`Why: ${showText(lead.reason, ROOMY.reason)}`), pointer(lead, setting)],
    },
    { type: "divider" },
  ];
}

/** A lead in two blocks: who it is, and below, small, for whom and why. */
export function compactLead(lead: Announcement, setting: Setting): KnownBlock[] {
  const age = ageOf(lead, setting.now);
  const reason = showText(lead.reason, COMPACT.reason);
  return [
    { type: "section", text: plain(detailsOf(lead, COMPACT, " · ")) },
    {
      type: "context",
      elements:
        lead.outcome === "unassigned"
          ? [plain(`${age}: ${reason}`), pointer(lead, setting)]
          : [
              addressed(lead, age, COMPACT, setting),
              plain(`Why: ${reason}`),
              pointer(lead, setting),
            ],
    },
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
function detailsOf(lead: Announcement, widths: Widths, between: string): string {
  const show = (text: string | null, limit: number) => (text === null ? "" : showText(text, limit));
  const contact = [
    show(lead.name, widths.name),
    show(lead.email, widths.email),
    show(lead.phone, widths.phone),
  ];
  const source = show(lead.source, widths.source);
  const facts = [
    show(lead.company ?? lead.companyDomain, widths.company),
    show(lead.countryCode, 2),
    lead.score === null ? "" : `score ${lead.score}`,
    source === "" ? "" : `from ${source}`,
  ];
  const isThere = (part: string) => part !== "";
  const lines = [contact.filter(isThere).join(between), facts.filter(isThere).join(" · ")];
  return lines.filter(isThere).join("\n") || "(no details)";
}

/** For whom it is, and a few words of ours. */
function addressed(
  lead: Announcement,
  words: string,
  widths: Widths,
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

function plain(text: string): PlainTextElement {
  return { type: "plain_text", text, emoji: false };
}

/** A rep's name on one line. The API takes 200 characters of it. */
export function nameOfOwner({ ownerName, ownerId }: Announcement, limit = 100): string {
  return showText(ownerName ?? ownerId ?? "nobody", limit);
}
