import { describe, expect, it } from "vitest";
import type { Announcement } from "../../src/notify/announcement.ts";
import {
  assignmentMessage,
  LEADS_PER_MESSAGE,
  stuckMessage,
  unassignedMessage,
  type SlackMessage,
} from "../../src/notify/slack-message.ts";
import { announcement, NOW } from "./announcements.ts";
import { shownTexts, type ShownText } from "./shown-texts.ts";

function textsOf({ blocks }: SlackMessage): readonly ShownText[] {
  return shownTexts(blocks);
}

const writers = { assignmentMessage, unassignedMessage };

describe("the message to reps", () => {
  it("names the rep, the lead, how old it is, and why", () => {
    const message = assignmentMessage([announcement()], NOW);
    expect(message.text).toBe("New lead for Ana Alvarez: Jane Doe, Acme");
    expect(textsOf(message).map(({ text }) => text)).toEqual([
      "New lead for Ana Alvarez",
      "*Ana Alvarez* · came in 3 s ago",
      "Jane Doe\njane@acme.test\n+49 30 123456\nAcme · DE · score 87.5 · from referral",
      "Why: ana was next in dach.",
    ]);
  });

  it("mentions a rep whose Slack id is known", () => {
    const message = assignmentMessage([announcement({ slackUserId: "U123" })], NOW);
    expect(textsOf(message)[1]).toMatchObject({
      type: "mrkdwn",
      text: "<@U123> · came in 3 s ago",
    });
  });

  it("of a lead that says nothing of itself is still a message", () => {
    const nothing = { name: null, email: null, phone: null, company: null, companyDomain: null };
    const lead = announcement({ ...nothing, countryCode: null, source: null, score: null });
    expect(textsOf(assignmentMessage([lead], NOW))[2]?.text).toBe("(no details)");
  });
});

it("the message to ops says why nobody got the lead, and where it waits", () => {
  const lead = announcement({ outcome: "unassigned", ownerId: null, ownerName: null });
  const texts = textsOf(unassignedMessage([{ ...lead, reason: "No rule found a rep." }], NOW));
  expect(texts.map(({ text }) => text)).toEqual([
    "A lead found no rep",
    "Jane Doe\njane@acme.test\n+49 30 123456\nAcme · DE · score 87.5 · from referral",
    "No rule found a rep.",
    `Lead ${lead.leadId}, came in 3 s ago. It waits in GET /api/unassigned.`,
  ]);
});

const HOSTILE = [
  "<!channel> <!here> <@U1> <https://evil.test|click>",
  "*bold* _it_ ~no~ `code` ```block``` > quote",
  "&lt;!channel&gt; & <",
  "\u202Egnp.exe\u202C \u200F\u2067x\u2069",
  "a\nb\r\n> c",
];

const ENDLESS = [
  ["10 kB of letters", "x".repeat(10_000)],
  ["10 kB of emoji", "👩🏽‍🚀".repeat(1_500)],
  ["10 kB of what has to be escaped", "é\u202E<&>".repeat(2_000)],
] as const;

/** As many leads as share a message, each text as long as can be. */
function largest(typed: string): Announcement[] {
  const text = { name: typed, email: typed, phone: typed, company: typed, source: typed };
  // The API takes a rep's name of 200 characters.
  const lead = { ...text, ownerName: "x".repeat(200), reason: typed };
  return Array.from({ length: LEADS_PER_MESSAGE }, () => announcement(lead));
}

describe.each(Object.entries(writers))("%s", (_, write) => {
  it.each(HOSTILE)("keeps what a stranger typed out of all markup: %j", (typed) => {
    const lead = { name: typed, email: typed, phone: typed, company: typed, source: typed };
    const message = write([announcement({ ...lead, reason: `because of ${typed}` })], NOW);
    const marked = textsOf(message).filter(({ type }) => type === "mrkdwn");
    for (const { text } of marked) expect(text).toBe("*Ana Alvarez* · came in 3 s ago");
    const plain = textsOf(message).filter(({ type }) => type === "plain_text");
    expect(plain.some(({ text }) => text.includes(typed))).toBe(true);
    // The line for lock screens is markup to Slack: there nothing but the escapes may begin with & or <.
    expect(message.text).not.toMatch(/[<>]|&(?!(amp|lt|gt);)/);
  });

  it.each(ENDLESS)(
    "keeps Slack's limits with eight leads as large as they come: %s",
    (_what, typed) => {
      const message = write(largest(typed), NOW);
      expect(message.blocks.length).toBeLessThanOrEqual(50);
      expect(message.text.isWellFormed()).toBe(true);
      for (const { block, type, text } of textsOf(message)) {
        expect(text.isWellFormed()).toBe(true);
        expect(text.length).toBeGreaterThan(0);
        // docs.slack.dev, "Block Kit reference": header 150, section 3,000, context 2,000 characters.
        const limit = block === "header" ? 150 : block === "section" ? 3_000 : 2_000;
        expect(text.length).toBeLessThanOrEqual(limit);
        if (block === "header") expect(type).toBe("plain_text");
      }
    },
  );

  // Slack refuses a message that is too long for good (slackapi/bolt-js #2509, #2867): nobody would hear.
  it("keeps below 10,000 characters in all", () => {
    const texts = textsOf(write(largest("x".repeat(10_000)), NOW));
    expect(texts.reduce((sum, { text }) => sum + text.length, 0)).toBeLessThanOrEqual(10_000);
  });
});

it("a rep's own name cannot mention anybody either", () => {
  const message = assignmentMessage([announcement({ ownerName: "<!channel>" })], NOW);
  expect(textsOf(message)[1]?.text).toBe("*&lt;!channel&gt;* · came in 3 s ago");
  expect(message.text).toContain("&lt;!channel&gt;");
});

it("the message about stuck leads keeps the limits however many there are", () => {
  const stuck = Array.from({ length: 500 }, () => ({
    leadId: "01a1f000-0000-7000-8000-000000000000",
    kind: "route",
  }));
  for (const { block, text } of textsOf(stuckMessage(stuck)))
    expect(text.length).toBeLessThanOrEqual(block === "header" ? 150 : 3_000);
  expect(stuckMessage(stuck).text).toBe("500 leads are stuck");
});
