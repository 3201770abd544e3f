import { afterEach, beforeEach, expect, it } from "vitest";
import type { Deps } from "../../../src/ports/deps.ts";
import {
  postDirectly,
  type Posted,
  postToWebhook,
  SLACK_ERRORS,
  type SlackErrorClass,
} from "../../../src/notify/slack/client.ts";
import { announcement, NOW } from "./announcements.ts";
import { assignmentMessage } from "./messages.ts";
import { fakeDeps } from "../../intake/api/fakes.ts";
import { openD1 } from "../../record/sqlite-d1.ts";
import { startSlackServer, type SlackServer } from "./slack-server.ts";

// Every documented error, over HTTP.

let slack: SlackServer;
beforeEach(async () => {
  slack = await startSlackServer();
});
afterEach(() => slack.close());

const MESSAGE = assignmentMessage([announcement()], NOW);

function deps(sleep: Deps["sleep"] = () => new Promise(() => {})): Deps {
  const secret = (name: string) => (name === "SLACK_API_URL" ? slack.apiUrl : null);
  return fakeDeps(openD1(), { fetch, secret, sleep }).deps;
}

/** What each class has to lead to. */
const MEANS: Readonly<Record<SlackErrorClass, object>> = {
  again: { outcome: "again", afterSeconds: null },
  message: { outcome: "refused" },
  channel: { outcome: "gone", whose: "channel" },
  token: { outcome: "gone", whose: "token" },
};

/** The status that Slack's changelog of 2016-05-17 gives a word, or the nearest. */
function statusOf(word: string): number {
  if (word === "rollup_error") return 500;
  if (word === "channel_is_archived") return 410;
  if (["invalid_payload", "user_not_found", "no_text", "too_many_attachments"].includes(word))
    return 400;
  return ["action_prohibited", "invalid_token", "team_disabled"].includes(word) ? 403 : 404;
}

it.each([...SLACK_ERRORS.webhook])("a webhook that answers %s: %s", async (word, of) => {
  slack.fail("#sales", { status: statusOf(word), word });
  const posted = await postToWebhook(deps(), slack.webhook("#sales"), MESSAGE);
  expect(posted).toMatchObject({ ...MEANS[of], cause: `Slack answered ${statusOf(word)} ${word}` });
});

it.each([...SLACK_ERRORS.postMessage])(
  "a chat.postMessage that answers %s: %s",
  async (word, of) => {
    slack.fail("U0ANA", { status: 200, word });
    const posted = await postDirectly(deps(), "xoxb-test", "U0ANA", MESSAGE);
    expect(posted).toMatchObject({ ...MEANS[of], cause: `Slack answered ${word}` });
  },
);

it.each([
  ["a word nobody knows yet", 400, "invalid_sparkle", { outcome: "refused" }],
  ["too much", 413, "", { outcome: "refused" }],
  ["a word nobody knows yet", 403, "sparkle_denied", { outcome: "gone", whose: "channel" }],
  ["a webhook that was removed", 404, "<html>", { outcome: "gone", whose: "channel" }],
  ["a timeout", 408, "", { outcome: "again", afterSeconds: null }],
  ["an outage", 502, "<html>", { outcome: "again", afterSeconds: null }],
] satisfies [string, number, string, Partial<Posted>][])(
  "a webhook that answers with %s: %i %s",
  async (_what, status, word, means) => {
    slack.fail("#sales", { status, word });
    expect(await postToWebhook(deps(), slack.webhook("#sales"), MESSAGE)).toMatchObject(means);
  },
);

it.each([
  { asked: 30, means: 30 },
  { asked: 0, means: 0 },
  { asked: 999_999, means: 3_600 },
])("Retry-After $asked is waited for, an hour at most", async ({ asked, means }) => {
  slack.fail("*", { status: 429, word: "ratelimited", retryAfter: asked });
  const again = { outcome: "again", afterSeconds: means };
  expect(await postToWebhook(deps(), slack.webhook("#sales"), MESSAGE)).toMatchObject(again);
  expect(await postDirectly(deps(), "xoxb-test", "U0ANA", MESSAGE)).toMatchObject(again);
});

it("a token that is wrong is the token's fault, not the rep's", async () => {
  const posted = await postDirectly(deps(), "xoxb-stale", "U0ANA", MESSAGE);
  expect(posted).toEqual({ outcome: "gone", cause: "Slack answered invalid_auth", whose: "token" });
});

it("an API that answers something else, or nothing, is tried again", async () => {
  slack.fail("U0ANA", { status: 502, word: "" });
  expect(await postDirectly(deps(), "xoxb-test", "U0ANA", MESSAGE)).toMatchObject({
    outcome: "again",
    cause: "Slack answered 502",
  });
  const impatient = deps(async () => {});
  expect(await postDirectly(impatient, "xoxb-test", "U0ANA", MESSAGE)).toMatchObject({
    outcome: "again",
    cause: "Slack did not answer (no answer in time)",
  });
});

it("a message that is well is taken by both, and arrives as it was written", async () => {
  expect(await postToWebhook(deps(), slack.webhook("#sales"), MESSAGE)).toEqual({
    outcome: "accepted",
  });
  expect(await postDirectly(deps(), "xoxb-test", "U0ANA", MESSAGE)).toEqual({
    outcome: "accepted",
  });
  expect(slack.taken.map(({ channel }) => channel)).toEqual(["#sales", "U0ANA"]);
  for (const { message } of slack.taken) expect(message).toMatchObject(MESSAGE);
});
