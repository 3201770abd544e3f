import type { KnownBlock } from "@slack/types";
import type { Announcement } from "./announcement.ts";

/** The body of a post to an incoming webhook. */
export interface SlackMessage {
  /** What a phone's lock screen shows. */
  readonly text: string;
  readonly blocks: KnownBlock[];
}

/**
 * Leads in one message. Five blocks each and a header keep below Slack's 50 blocks a message (docs.slack.dev, "Block Kit
 * reference"); the clipped texts of the longest eight come to 9,000 characters, and messages of more than about 11,000
 * were seen refused (slackapi/bolt-js #2509, #2867).
 */
export const LEADS_PER_MESSAGE = 8;
/** Longest text taken over from a lead or a rep, in characters: long enough to recognise it by. */
const CLIP = 100;
/** Longest reason shown; the whole of it is in the audit. */
const CLIP_REASON = 300;

/** Tells reps of leads that are theirs now. */
export function assignmentMessage(
  announcements: readonly Announcement[],
  now: number,
): SlackMessage {
  const [first] = announcements;
  if (first === undefined) throw new Error("a message needs a lead");
  const owner = nameOfOwner(first);
  const title =
    announcements.length === 1 ? `New lead for ${owner}` : `${announcements.length} new leads`;
  return {
    text: escape(`${title}: ${announcements.map(headline).join("; ")}`),
    blocks: [
      { type: "header", text: plain(title, 150) },
      ...announcements.flatMap((lead): KnownBlock[] => [
        // The one place with markup: only there does Slack turn an id into a mention.
        {
          type: "section",
          text: { type: "mrkdwn", text: `${mention(lead)} · ${escape(ageOf(lead, now))}` },
        },
        ...leadBlocks(lead),
        { type: "context", elements: [plain(`Why: ${lead.reason}`, CLIP_REASON)] },
        { type: "divider" },
      ]),
    ],
  };
}

/** Tells ops of leads that nobody got. */
export function unassignedMessage(
  announcements: readonly Announcement[],
  now: number,
): SlackMessage {
  const title =
    announcements.length === 1
      ? "A lead found no rep"
      : `${announcements.length} leads found no rep`;
  return {
    text: escape(`${title}: ${announcements.map(headline).join("; ")}`),
    blocks: [
      { type: "header", text: plain(title, 150) },
      ...announcements.flatMap((lead): KnownBlock[] => [
        ...leadBlocks(lead),
        { type: "context", elements: [plain(lead.reason, CLIP_REASON)] },
        {
          type: "context",
          elements: [
            plain(
              `Lead ${lead.leadId}, ${ageOf(lead, now)}. It waits in GET /api/unassigned.`,
              CLIP,
            ),
          ],
        },
        { type: "divider" },
      ]),
    ],
  };
}

function leadBlocks(lead: Announcement): KnownBlock[] {
  const facts = [
    lead.company ?? lead.companyDomain,
    lead.countryCode,
    lead.score === null ? null : `score ${lead.score}`,
    lead.source === null ? null : `from ${clip(lead.source, CLIP)}`,
  ].filter((fact) => fact !== null);
  const contact = [lead.name, lead.email, lead.phone].filter((part) => part !== null);
  // Whatever a stranger typed is plain text: nothing in it can mention, link or format.
  const lines = [
    contact.map((part) => clip(part, CLIP)).join("\n"),
    facts.map((fact) => clip(fact, CLIP)).join(" · "),
  ];
  return [
    {
      type: "section",
      text: plain(lines.filter((line) => line !== "").join("\n") || "(no details)", 2000),
    },
  ];
}

function headline(lead: Announcement): string {
  const who = clip(lead.name ?? lead.email ?? lead.phone ?? "someone", 60);
  const company = lead.company ?? lead.companyDomain;
  return company === null ? who : `${who}, ${clip(company, 60)}`;
}

function mention(lead: Announcement): string {
  return lead.slackUserId === null
    ? `*${escape(clip(nameOfOwner(lead), CLIP))}*`
    : `<@${lead.slackUserId}>`;
}

function nameOfOwner(lead: Announcement): string {
  return lead.ownerName ?? lead.ownerId ?? "nobody";
}

function ageOf(lead: Announcement, now: number): string {
  const seconds = Math.max(0, Math.round((now - lead.receivedAt) / 1000));
  return seconds < 120 ? `came in ${seconds} s ago` : `came in ${Math.round(seconds / 60)} min ago`;
}

function plain(text: string, limit: number): { type: "plain_text"; text: string; emoji: false } {
  return { type: "plain_text", text: clip(text, limit), emoji: false };
}

/** Cuts by code points, so that no emoji is cut in half. */
function clip(text: string, limit: number): string {
  if (text.length <= limit) return text;
  let clipped = "";
  for (const point of text) {
    if (clipped.length + point.length > limit - 1) break;
    clipped += point;
  }
  return `${clipped}…`;
}

/** The three characters that are markup to Slack (docs.slack.dev, "Escaping text"). */
function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** Tells ops of work that keeps failing. */
export function stuckMessage(
  stuck: readonly { readonly leadId: string; readonly kind: string }[],
): SlackMessage {
  const title = stuck.length === 1 ? "A lead is stuck" : `${stuck.length} leads are stuck`;
  const list = stuck.slice(0, 20).map(({ leadId, kind }) => `${leadId} waits for ${kind}`);
  return {
    text: title,
    blocks: [
      { type: "header", text: plain(title, 150) },
      { type: "section", text: plain(list.join("\n"), 3000) },
    ],
  };
}
