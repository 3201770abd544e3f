import { stripVTControlCharacters } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { measureWidth, WIDTH } from "../../demo/terminal.ts";
import {
  parseMessage,
  type PostedMessage,
  readMessage,
  renderMessage,
  startMockSlack,
} from "../../demo/slack.ts";
import type { Announcement } from "../../src/notify/announcement.ts";
import { assignmentMessage, unassignedMessage } from "../notify/slack/messages.ts";

function anAnnouncement(about: Partial<Announcement> = {}): Announcement {
  return {
    leadId: "01990000-0000-7000-8000-000000000001",
    generation: 1,
    outcome: "assigned",
    ownerId: "bo",
    ownerName: "Bo Lindqvist",
    slackUserId: "U02BO",
    podId: "dach",
    reason:
      "bo was next in dach (the only one eligible): the rule DACH matched because the country is DE.",
    receivedAt: 0,
    name: "Mia Keller",
    email: "mia@alpenblick.example",
    phone: null,
    company: "Alpenblick & Söhne",
    companyDomain: "alpenblick.example",
    countryCode: "DE",
    source: "newsletter",
    score: 35,
    erasedAt: null,
    ended: 0,
    newestGeneration: 1,
    ...about,
  };
}

function posted(message: unknown): PostedMessage {
  const parsed = parseMessage(JSON.stringify(message));
  if (parsed === null) throw new Error("Slack would refuse this message");
  return parsed;
}

const nameOf = (slackUserId: string) => (slackUserId === "U02BO" ? "Bo Lindqvist" : slackUserId);

test("a rep's message is shown: the mention by name, the lead, and why", () => {
  const message = posted(assignmentMessage([anAnnouncement()], 2_000));
  expect(readMessage(message, nameOf)).toEqual({
    heading: "New lead for Bo Lindqvist",
    leads: [
      {
        main: "@Bo Lindqvist · came in 2 s ago · Mia Keller · mia@alpenblick.example · Alpenblick & Söhne · DE · score 35 · from newsletter",
        small: [`Why: ${anAnnouncement().reason}`, `Lead ${anAnnouncement().leadId}`],
      },
    ],
  });
});

test("a full message has each of its leads, and is shown in a few lines that fit", () => {
  const eight = Array.from({ length: 8 }, () => anAnnouncement({ name: "田中 美咲".repeat(9) }));
  const message = posted(assignmentMessage(eight, 2_000));
  expect(readMessage(message, nameOf).leads).toHaveLength(8);
  const lines = renderMessage("assignments", message, nameOf).map(stripVTControlCharacters);
  expect(lines.at(-1)).toContain("and 6 more");
  expect(Math.max(...lines.map(measureWidth))).toBeLessThanOrEqual(WIDTH);
});

test("an ops message is shown with its reason", () => {
  const reason = "No rule found a rep: none matched.";
  const lost = anAnnouncement({ outcome: "unassigned", ownerId: null, reason });
  const lines = renderMessage("ops", posted(unassignedMessage([lost], 2_000)), nameOf);
  const text = stripVTControlCharacters(lines.join("\n"));
  expect(text).toContain("#lead-ops  A lead found no rep");
  expect(text).toContain(reason);
});

test.each([
  ["no JSON", "hello"],
  ["no text", JSON.stringify({ blocks: [] })],
  [
    "51 blocks",
    JSON.stringify({ text: "x", blocks: Array.from({ length: 51 }, () => ({ type: "divider" })) }),
  ],
])("a message with %s is refused as Slack would", (_, body) => {
  expect(parseMessage(body)).toBeNull();
});

test("the mock answers like a webhook and passes on each accepted message", async () => {
  const shown: string[] = [];
  const slack = await startMockSlack((channel, { text }) => shown.push(`${channel}: ${text}`));
  onTestFinished(() => slack.close());
  const post = async (url: string, body: string) => {
    const response = await fetch(url, { method: "POST", body });
    return `${response.status} ${await response.text()}`;
  };
  const body = JSON.stringify({ text: "New lead", blocks: [] });
  expect(await post(slack.assignmentsUrl, body)).toBe("200 ok");
  expect(await post(slack.opsUrl, body)).toBe("200 ok");
  expect(await post(slack.opsUrl, "hello")).toBe("400 invalid_payload");
  expect(await post(`${slack.opsUrl}/elsewhere`, body)).toBe("404 no_service");
  expect(shown).toEqual(["assignments: New lead", "ops: New lead"]);
});
