import { env } from "cloudflare:workers";
import { beforeAll, beforeEach, expect, it, vi } from "vitest";
import type { Deps } from "../../../src/ports/deps.ts";
import type { NotifyMessage } from "../../../src/record/messages.ts";
import { consumeDeadNotifications } from "../../../src/notify/notifications.ts";
import { postDirectly } from "../../../src/notify/slack/client.ts";
import { assignManually } from "../../../src/routing/assign.ts";
import { eraseLead } from "../../../src/routing/acts.ts";
import {
  addMembers,
  chainTo,
  deliverNotifications,
  hold,
  openRouter,
  routeLeads,
  select,
  storeLeads,
  type OpenRouter,
} from "../../pipeline/open-router.ts";
import { readPost, textsOf } from "../../pipeline/slack.ts";
import { announcement, NOW } from "./announcements.ts";
import { assignmentMessage } from "./messages.ts";

// What delivery.test.ts shows in plain Node is shown here on the real D1, after real decisions, as far as they matter to it.

const CHAIN = chainTo("told");

beforeAll(async () => {
  await addMembers(openRouter({ chain: CHAIN }), "told", { ana: {}, bo: {} });
});
beforeEach(async () => {
  await env.DB.prepare("DELETE FROM marks WHERE name LIKE 'slack:%'").run();
});

/** A router whose Slack gives these answers, one a post, and then takes everything. */
function openWith(...answers: (() => Response)[]): OpenRouter {
  const router = openRouter({ chain: CHAIN });
  const fetch = async (url: string, init: RequestInit) => {
    router.posts.push(readPost(url, init.body));
    return (answers.shift() ?? (() => new Response("ok")))();
  };
  return { ...router, deps: { ...router.deps, fetch } };
}

/** Leads that are decided, their notification in the queue. */
async function decide(router: OpenRouter, count = 1): Promise<readonly string[]> {
  const leads = await storeLeads(router, count);
  await routeLeads(router, leads);
  return leads.map(({ id }) => id);
}

/** What the audit says of these leads' notifications: "generation kind", and the details. */
async function ended(ids: readonly string[]) {
  const rows = await select(
    `SELECT generation, kind, detail FROM events WHERE subject_type = 'lead' AND kind LIKE 'notif%'
     AND subject_id IN (SELECT value FROM json_each(?)) ORDER BY subject_id, generation`,
    JSON.stringify(ids),
  );
  return rows.map(({ generation, kind, detail }) => ({
    what: `${generation} ${kind}`,
    detail: JSON.parse(String(detail)),
  }));
}

it("a notification goes again when Slack asks to wait, and nothing is recorded until it was heard", async () => {
  const limited = { status: 429, headers: { "Retry-After": "17" } };
  const router = openWith(() => new Response("ratelimited", limited));
  const ids = await decide(router);
  const again: NotifyMessage[] = [...router.notifications];
  expect(await deliverNotifications(router)).toEqual([{ retriedAfter: 17 }]);
  expect(await ended(ids)).toEqual([]);

  const later: Partial<Deps> = { now: () => Date.now() + 17_000 };
  router.notifications.push(...again);
  const { deps } = router;
  expect(await deliverNotifications({ ...router, deps: { ...deps, ...later } })).toEqual(["acked"]);
  expect(await ended(ids)).toEqual([
    { what: "1 notified", detail: { channel: "assignments", leadsInMessage: 1 } },
  ]);
  expect(await select("SELECT * FROM marks WHERE name LIKE 'slack:%'")).toEqual([]);
});

it("a webhook that is gone is marked, ops are told, and the leads with them", async () => {
  const router = openWith(() => new Response("no_service", { status: 404 }));
  const ids = await decide(router);
  expect(await deliverNotifications(router)).toEqual(["acked"]);
  expect(await ended(ids)).toMatchObject([
    { what: "1 notified", detail: { channel: "ops", insteadOf: "assignments" } },
  ]);
  expect(router.posts.map((post) => `${post.channel}: ${textsOf(post)[0]}`)).toEqual([
    expect.stringMatching(/^assignments: New lead for /),
    expect.stringMatching(/^ops: New lead for /),
    "ops: Slack notifications are failing",
  ]);
  const [mark] = await select("SELECT name, value FROM marks WHERE name LIKE 'slack:%'");
  expect(mark?.["name"]).toBe("slack:SLACK_WEBHOOK_URL");
  expect(JSON.parse(String(mark?.["value"]))).toMatchObject({ told: true });
});

it("a notification of a generation that another has replaced is skipped; only the newest is told", async () => {
  const router = openWith();
  const [id = ""] = await decide(router);
  const wish = { ownerId: "bo", reason: "knows them", generation: 1 };
  expect((await assignManually(router.deps, "ana", id, wish)).outcome).toBe("assigned");
  await deliverNotifications(router);
  expect(await ended([id])).toMatchObject([
    { what: "1 notification_skipped", detail: { reason: "superseded by generation 2" } },
    { what: "2 notified" },
  ]);
  expect(router.posts.map((post) => textsOf(post)[0])).toEqual(["New lead for bo"]);
});

it("a notification of a lead that was erased meanwhile is skipped", async () => {
  const router = openWith();
  const [id = ""] = await decide(router);
  await eraseLead(router.deps, "ana", id);
  await deliverNotifications(router);
  expect(router.posts).toEqual([]);
  expect(await ended([id])).toMatchObject([
    { what: "1 notification_skipped", detail: { reason: "the lead was erased" } },
  ]);
});

it("leads whose notification ran out of deliveries are recorded as failed; ops hear of it once an hour", async () => {
  const router = openWith();
  for (const posts of [1, 1]) {
    const ids = await decide(router, 2);
    const held = hold(router.notifications.splice(0));
    await consumeDeadNotifications(router.deps, held);
    expect(held.map(({ outcome }) => outcome)).toEqual(["acked"]);
    const failed = { what: "1 notification_failed", detail: { cause: "ran out of deliveries" } };
    expect(await ended(ids)).toEqual([failed, failed]);
    expect(router.posts).toHaveLength(posts);
  }
  expect(router.posts.map((post) => textsOf(post)[0])).toEqual([
    "Nobody was notified about 2 leads: ran out of deliveries",
  ]);
});

it("a direct message is sent by Slack's client on workerd", async () => {
  const calls: { url: string; authorization: string | null; body: URLSearchParams }[] = [];
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    const request = new Request(input, init);
    const authorization = request.headers.get("authorization");
    calls.push({
      url: request.url,
      authorization,
      body: new URLSearchParams(await request.text()),
    });
    return Response.json({ ok: true });
  });
  const { deps } = openRouter();
  const message = assignmentMessage([announcement()], NOW, { kind: "direct_message" });
  expect(await postDirectly(deps, "xoxb-test", "U0ANA", message)).toEqual({ outcome: "accepted" });
  const [call, ...others] = calls;
  expect(others).toEqual([]);
  expect(call).toMatchObject({
    url: "https://slack.com/api/chat.postMessage",
    authorization: "Bearer xoxb-test",
  });
  expect(call?.body.get("channel")).toBe("U0ANA");
  expect(call?.body.get("text")).toBe(message.text);
  expect(JSON.parse(call?.body.get("blocks") ?? "")).toEqual(message.blocks);
});
