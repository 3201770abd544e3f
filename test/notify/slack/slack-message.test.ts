import { describe, expect, it } from "vitest";
import type { Announcement } from "../../../src/notify/announcement.ts";
import { channelMessage, givenUpMessage } from "../../../src/notify/slack/channel-troubles.ts";
import { readPublicUrl } from "../../../src/notify/slack/channel.ts";
import { sizeOf, SLACK_LIMITS, type SlackMessage } from "../../../src/notify/slack/format.ts";
import { LEADS_PER_MESSAGE, packMessage } from "../../../src/notify/slack/lead-message.ts";
import { stuckMessage } from "../../../src/sweep/sweep.ts";
import { announcement, NOW } from "./announcements.ts";
import { assignmentMessage, unassignedMessage } from "./messages.ts";
import { shownTexts } from "./shown-texts.ts";

const PUBLIC_URL = "https://leads.acme.test";

const UNASSIGNED = announcement({
  outcome: "unassigned",
  ownerId: null,
  ownerName: null,
  reason: "No rule found a rep.",
});

/** A message as it reads, a line a text; what Slack makes markup of stands in quotation marks of its own. */
function read(message: SlackMessage): string {
  const texts = shownTexts(message.blocks).map(
    ({ block, type, text }) => `${block}${type === "mrkdwn" ? " (markup)" : ""}: ${text}`,
  );
  return [`lock screen: ${message.text}`, ...texts].join("\n");
}

describe("the message", () => {
  it("to a channel of reps names the rep, the lead, how old it is, why, and where to find it", () => {
    const lead = announcement({ slackUserId: "U123" });
    expect(read(assignmentMessage([lead], NOW, { publicUrl: PUBLIC_URL }))).toMatchInlineSnapshot(`
      "lock screen: New lead for Ana Alvarez: Jane Doe, Acme (DE, score 87.5)
      header: New lead for Ana Alvarez
      section (markup): <@U123> · came in 3 s ago
      section: Jane Doe
      jane@acme.test
      +49 30 123456
      Acme · DE · score 87.5 · from referral
      context: Why: ana was next in dach.
      context (markup): <https://leads.acme.test/api/leads/01a1f000-0000-7000-8000-000000000000|Open the lead>"
    `);
  });

  it("to a rep says that it is for them; without a public URL it names the lead's id", () => {
    const lead = announcement({ slackUserId: "U123" });
    expect(read(assignmentMessage([lead], NOW, { kind: "direct_message" }))).toMatchInlineSnapshot(`
      "lock screen: New lead for you: Jane Doe, Acme (DE, score 87.5)
      header: New lead for you
      section (markup): Came in 3 s ago
      section: Jane Doe
      jane@acme.test
      +49 30 123456
      Acme · DE · score 87.5 · from referral
      context: Why: ana was next in dach.
      context: Lead 01a1f000-0000-7000-8000-000000000000"
    `);
  });

  it("to ops says why nobody got the lead, and where it waits", () => {
    expect(read(unassignedMessage([UNASSIGNED], NOW))).toMatchInlineSnapshot(`
      "lock screen: A lead found no rep: Jane Doe, Acme (DE, score 87.5)
      header: A lead found no rep
      section: Jane Doe
      jane@acme.test
      +49 30 123456
      Acme · DE · score 87.5 · from referral
      context: No rule found a rep.
      context: Lead 01a1f000-0000-7000-8000-000000000000, came in 3 s ago. It waits in GET /api/unassigned."
    `);
    expect(read(unassignedMessage([UNASSIGNED], NOW, { publicUrl: PUBLIC_URL })))
      .toMatchInlineSnapshot(`
      "lock screen: A lead found no rep: Jane Doe, Acme (DE, score 87.5)
      header: A lead found no rep
      section: Jane Doe
      jane@acme.test
      +49 30 123456
      Acme · DE · score 87.5 · from referral
      context: No rule found a rep.
      context: Came in 3 s ago. It waits in GET /api/unassigned.
      context (markup): <https://leads.acme.test/api/leads/01a1f000-0000-7000-8000-000000000000|Open the lead>"
    `);
  });

  it("of many leads tells each in two blocks, still to its rep", () => {
    const leads = Array.from({ length: 9 }, (_, n) =>
      announcement({ name: `Jane ${n}`, slackUserId: `U${n}`, score: null }),
    );
    const lines = read(assignmentMessage(leads, NOW, { publicUrl: PUBLIC_URL })).split("\n");
    expect(lines.slice(0, 7).join("\n")).toMatchInlineSnapshot(`
      "lock screen: 9 new leads: Jane 0, Acme (DE); Jane 1, Acme (DE); Jane 2, Acme (DE); and 6 more
      header: 9 new leads
      section: Jane 0 · jane@acme.test · +49 30 123456
      Acme · DE · from referral
      context (markup): <@U0> · 3 s ago
      context: Why: ana was next in dach.
      context (markup): <https://leads.acme.test/api/leads/01a1f000-0000-7000-8000-000000000000|Open the lead>"
    `);
    expect(lines.filter((line) => /<@U\d> · 3 s ago/.test(line))).toHaveLength(9);
    const lost = Array.from({ length: 9 }, () => UNASSIGNED);
    expect(read(unassignedMessage(lost, NOW)).split("\n").slice(0, 6).join("\n"))
      .toMatchInlineSnapshot(`
      "lock screen: 9 leads found no rep: Jane Doe, Acme (DE, score 87.5); Jane Doe, Acme (DE, score 87.5); Jane Doe, Acme (DE, score 87.5); and 6 more
      header: 9 leads found no rep
      section: Jane Doe · jane@acme.test · +49 30 123456
      Acme · DE · score 87.5 · from referral
      context: 3 s ago: No rule found a rep.
      context: Lead 01a1f000-0000-7000-8000-000000000000"
    `);
  });

  it("of a lead that says nothing of itself is still a message", () => {
    const nothing = { name: null, email: null, phone: null, company: null, companyDomain: null };
    const lead = announcement({ ...nothing, countryCode: null, source: null, score: null });
    expect(read(assignmentMessage([lead], NOW))).toContain("section: (no details)");
    expect(read(assignmentMessage(Array(9).fill(lead), NOW))).toContain("section: (no details)");
    expect(assignmentMessage([lead], NOW).text).toBe("New lead for Ana Alvarez: someone");
  });

  it("to ops of what does not work names channels and Slack's words", () => {
    const mark = { cause: "Slack answered 410 channel_is_archived", told: false, until: 0 };
    expect(read(channelMessage([["SLACK_WEBHOOK_URL", mark]]))).toMatchInlineSnapshot(`
      "lock screen: Slack notifications are failing
      header: Slack notifications are failing
      section: SLACK_WEBHOOK_URL: Slack answered 410 channel_is_archived
      context: Leads go to the next channel that works until this is fixed. You are not notified about each lead."
    `);
    expect(read(givenUpMessage(["id-1", "id-2"], "ran out of deliveries"))).toMatchInlineSnapshot(`
      "lock screen: Nobody was notified about 2 leads: ran out of deliveries
      header: Nobody was notified about 2 leads: ran out of deliveries
      section: id-1
      id-2"
    `);
  });
});

const HOSTILE = [
  "<!channel> <!here> <@U1> <https://evil.test|click>",
  "*bold* _it_ ~no~ `code` ```block``` > quote :poop:",
  "&lt;!channel&gt; & <",
];

const writers = { assignmentMessage, unassignedMessage };

describe.each(Object.entries(writers))("%s", (name, write) => {
  const lead = (changes: Partial<Announcement>) =>
    name === "unassignedMessage" ? { ...UNASSIGNED, ...changes } : announcement(changes);

  it.each(HOSTILE)("keeps what a stranger typed out of all markup: %j", (typed) => {
    const text = { name: typed, email: typed, phone: typed, company: typed, source: typed };
    const hostile = lead({ ...text, reason: `because of ${typed}` });
    for (const count of [1, 9]) {
      const message = write(Array(count).fill(hostile), NOW);
      const texts = shownTexts(message.blocks);
      for (const { text: marked } of texts.filter(({ type }) => type === "mrkdwn"))
        expect(marked).toMatch(/^\*Ana Alvarez\* · (came in )?3 s ago$/);
      const plain = texts.filter(({ type }) => type === "plain_text");
      expect(plain.some(({ text: shown }) => shown.includes(typed.slice(0, 20)))).toBe(true);
      for (const block of message.blocks)
        if ("text" in block && typeof block.text === "object" && block.text.type === "plain_text")
          expect(block.text.emoji).toBe(false);
      // The line for lock screens is markup to Slack: there nothing but the escapes may begin with & or <.
      expect(message.text).not.toMatch(/[<>]|&(?!(amp|lt|gt);)/);
    }
  });

  it.each([
    ["10 kB of letters", "x".repeat(10_000)],
    ["10 kB of emoji", "👩🏽‍🚀".repeat(1_500)],
    ["10 kB of what has to be escaped", "é\u202E<&>".repeat(2_000)],
    ["10 kB from right to left", "שלום ".repeat(2_000)],
    ["10 kB of marks", `a${"\u0301".repeat(10_000)}`],
  ])(
    "keeps Slack's limits with as many leads as one message holds, each with %s",
    (_what, typed) => {
      const text = { name: typed, email: typed, phone: typed, company: typed, source: typed };
      // The API takes a rep's name of 200 characters.
      const one = lead({ ...text, ownerName: "&".repeat(200), reason: typed });
      for (const count of [1, 8, 9, 17, 24, 100]) {
        const message = write(Array(count).fill(one), NOW, { publicUrl: PUBLIC_URL });
        expectWithinLimits(message);
      }
    },
  );

  it("holds 24 leads as they come, and 17 of the largest: a thousand take less than a minute", () => {
    const setting = { kind: "assignments", now: NOW, publicUrl: PUBLIC_URL } as const;
    const usual = lead({
      slackUserId: "U012AB3CD",
      reason:
        "ana was next in dach (level with bo and first in line, of 2 eligible): the rule DACH matched because the country is DE.",
    });
    expect(packMessage(Array(100).fill(usual), setting).leads).toBe(LEADS_PER_MESSAGE);
    expect(LEADS_PER_MESSAGE).toBe(24);
    const typed = "x".repeat(10_000);
    const text = { name: typed, email: typed, phone: typed, company: typed, source: typed };
    const largest = lead({ ...text, ownerName: typed, reason: typed, score: 87.54321 });
    const { leads } = packMessage(Array(100).fill(largest), {
      ...setting,
      publicUrl: `${PUBLIC_URL}/router-of-the-whole-team`,
    });
    expect(leads).toBeGreaterThanOrEqual(17);
    expect(Math.ceil(1_000 / leads)).toBeLessThan(60);
  });
});

/** The limits anew, as docs.slack.dev has them ("Blocks", "Text object"), and the size at which messages were seen refused. */
function expectWithinLimits(message: SlackMessage): void {
  expect(message.blocks.length).toBeLessThanOrEqual(50);
  expect(message.text.isWellFormed()).toBe(true);
  expect(message.text.length).toBeLessThanOrEqual(4_000);
  expect(sizeOf(message)).toBeLessThanOrEqual(SLACK_LIMITS.message);
  let sum = 0;
  for (const { block, type, text } of shownTexts(message.blocks)) {
    sum += text.length;
    expect(text.isWellFormed()).toBe(true);
    expect(text.length).toBeGreaterThan(0);
    const limit = block === "header" ? 150 : block === "section" ? 3_000 : 2_000;
    expect(text.length).toBeLessThanOrEqual(limit);
    if (block === "header") expect(type).toBe("plain_text");
  }
  expect(sum).toBeLessThanOrEqual(11_000);
  for (const block of message.blocks)
    if (block.type === "context") expect(block.elements.length).toBeLessThanOrEqual(10);
}

it("a rep's own name cannot mention anybody either", () => {
  const message = assignmentMessage([announcement({ ownerName: "<!channel>" })], NOW);
  expect(shownTexts(message.blocks)[1]?.text).toBe("*&lt;!channel&gt;* · came in 3 s ago");
  expect(message.text).toContain("&lt;!channel&gt;");
});

it.each([
  ["https://leads.acme.test/", "https://leads.acme.test"],
  ["https://acme.test/router//", "https://acme.test/router"],
  ["https://user:secret@acme.test/a|b<c>?d", "https://acme.test/a%7Cb%3Cc%3E"],
  ["leads.acme.test", null],
  ["javascript:alert(1)", null],
])("the public URL %s becomes %s", (value, url) => {
  expect(readPublicUrl({ secret: () => value })).toBe(url);
});

it("messages to ops keep the limits however much there is to tell", () => {
  const ids = Array.from({ length: 500 }, () => "01a1f000-0000-7000-8000-000000000000");
  const stuck = stuckMessage(ids.map((leadId) => ({ leadId, kind: "route" })));
  expect(stuck.text).toBe("500 leads are stuck");
  expect(read(stuck)).toContain("and 480 more");
  const cause = "<!channel> ".repeat(100);
  for (const message of [
    stuck,
    givenUpMessage(ids, cause),
    channelMessage(ids.map((name) => [name, { cause, told: false, until: 0 }])),
  ]) {
    expectWithinLimits(message);
    expect(message.text).not.toMatch(/[<>]/);
  }
});
