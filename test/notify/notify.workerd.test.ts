import { beforeAll, describe, expect, it } from "vitest";
import type { NotifyMessage } from "../../src/deps.ts";
import { consumeDeadNotifications } from "../../src/notify/consumer.ts";
import { assignByHand } from "../../src/routing/assign.ts";
import { eraseLead } from "../../src/routing/erase.ts";
import {
  addMembers,
  chainTo,
  deliverNotifications,
  hold,
  openRouter,
  routeLeads,
  select,
  storeLead,
  storeLeads,
  type OpenRouter,
} from "../pipeline/open-router.ts";
import { readPost, textsOf } from "../pipeline/slack.ts";

const CHAIN = chainTo("told");

beforeAll(async () => {
  await addMembers(openRouter({ chain: CHAIN }), "told", { ana: {}, bo: {} });
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

describe("a notification", () => {
  it.each([
    { what: "asks to wait 17 s", status: 429, headers: { "Retry-After": "17" }, atLeast: 17 },
    { what: "asks to wait, and says nothing of how long", status: 429, headers: {}, atLeast: 1 },
    { what: "is broken", status: 503, headers: {}, atLeast: 1 },
  ])(
    "goes again when Slack $what, and nothing is recorded until it was heard",
    async ({ status, headers, atLeast }) => {
      const router = openWith(() => new Response("no", { status, headers }));
      const ids = await decide(router);
      const again: NotifyMessage[] = [...router.notifications];
      const [outcome] = await deliverNotifications(router);
      const delay = outcome !== null && typeof outcome === "object" ? outcome.retriedAfter : null;
      expect(delay).toBeGreaterThanOrEqual(atLeast);
      expect(delay).toBeLessThan(60);
      expect(await ended(ids)).toEqual([]);

      router.notifications.push(...again);
      expect(await deliverNotifications(router)).toEqual(["acked"]);
      expect(await ended(ids)).toMatchObject([{ what: "1 notified" }]);
    },
  );

  it("goes again when Slack does not answer at all; the webhook, a secret, is named nowhere", async () => {
    const logged: string[] = [];
    const router = openRouter({
      chain: CHAIN,
      fetch: (url) => Promise.reject(new Error(`cannot connect to ${url}`)),
      log: (...line) => void logged.push(JSON.stringify(line)),
    });
    const ids = await decide(router);
    expect(await deliverNotifications(router)).toMatchObject([
      { retriedAfter: expect.any(Number) },
    ]);
    expect(await ended(ids)).toEqual([]);
    expect(logged.join()).toContain("Slack did not answer (Error)");
    expect(logged.join()).not.toContain("slack.test");
  });

  it("that Slack will never take is recorded as failed, with Slack's words, and not tried again", async () => {
    const router = openWith(() => new Response("invalid_blocks", { status: 400 }));
    const ids = await decide(router);
    const again: NotifyMessage[] = [...router.notifications];
    expect(await deliverNotifications(router)).toEqual(["acked"]);
    expect(await ended(ids)).toMatchObject([
      { what: "1 notification_failed", detail: { cause: "Slack answered 400 invalid_blocks" } },
    ]);
    router.notifications.push(...again);
    await deliverNotifications(router);
    expect(router.posts).toHaveLength(1);
  });

  it.each([404, 410, 403])(
    "waits for somebody to mend the webhook that Slack answers with %i",
    async (status) => {
      const router = openWith(() => new Response("no_service", { status }));
      const ids = await decide(router);
      expect(await deliverNotifications(router)).toMatchObject([
        { retriedAfter: expect.any(Number) },
      ]);
      expect(await ended(ids)).toEqual([]);
    },
  );

  it("of one lead that Slack refuses takes no other lead with it", async () => {
    const router = openRouter({ chain: CHAIN });
    const leads = [
      await storeLead(router),
      await storeLead(router, { name: "Poison Pill" }),
      await storeLead(router),
    ];
    await routeLeads(router, leads);
    const ids = leads.map(({ id }) => id);
    const fetch = async (url: string, init: RequestInit) => {
      router.posts.push(readPost(url, init.body));
      const refused = String(init.body).includes("Poison Pill");
      return refused ? new Response("invalid_blocks", { status: 400 }) : new Response("ok");
    };
    const deps = { ...router.deps, fetch };
    expect(await deliverNotifications({ ...router, deps })).toEqual(["acked"]);
    const kinds = (await ended(ids)).map(({ what }) => what).toSorted();
    expect(kinds).toEqual(["1 notification_failed", "1 notified", "1 notified"]);
    const poison = await ended(ids.slice(1, 2));
    expect(poison).toMatchObject([{ what: "1 notification_failed" }]);
  });

  it("is skipped, and the audit says so, while the webhook is not set", async () => {
    const router = openRouter({ chain: CHAIN, secret: () => null });
    const ids = await decide(router);
    expect(await deliverNotifications(router)).toEqual(["acked"]);
    expect(router.posts).toEqual([]);
    expect(await ended(ids)).toEqual([
      { what: "1 notification_skipped", detail: { reason: "SLACK_WEBHOOK_URL is not set" } },
    ]);
  });

  it("of a generation that another has replaced is skipped; only the newest is told", async () => {
    const router = openWith();
    const [id = ""] = await decide(router);
    const wish = { ownerId: "bo", reason: "knows them", generation: 1 };
    expect((await assignByHand(router.deps, "ana", id, wish)).outcome).toBe("assigned");
    await deliverNotifications(router);
    expect(await ended([id])).toMatchObject([
      { what: "1 notification_skipped", detail: { reason: "superseded by generation 2" } },
      { what: "2 notified" },
    ]);
    expect(router.posts.map((post) => textsOf(post)[0])).toEqual(["New lead for bo"]);
  });

  it("of a lead that was erased meanwhile is skipped", async () => {
    const router = openWith();
    const [id = ""] = await decide(router);
    await eraseLead(router.deps, "ana", id);
    await deliverNotifications(router);
    expect(router.posts).toEqual([]);
    expect(await ended([id])).toMatchObject([
      { what: "1 notification_skipped", detail: { reason: "the lead was erased" } },
    ]);
  });

  it("of 20 leads takes three messages; what was heard before Slack had enough is not said again", async () => {
    const router = openWith(
      () => new Response("ok"),
      () => new Response("slow down", { status: 429, headers: { "Retry-After": "3" } }),
    );
    const ids = await decide(router, 20);
    const again: NotifyMessage[] = [...router.notifications];
    expect(await deliverNotifications(router)).not.toEqual(["acked"]);
    expect(await ended(ids)).toHaveLength(8);
    router.notifications.push(...again);
    await deliverNotifications(router);
    expect(await ended(ids)).toHaveLength(20);
    expect(router.posts.map((post) => textsOf(post)[0])).toEqual([
      "8 new leads",
      "8 new leads",
      "8 new leads",
      "4 new leads",
    ]);
  });

  it("that ran out of deliveries is recorded as failed", async () => {
    const router = openWith();
    const ids = await decide(router);
    const held = hold(router.notifications.splice(0));
    await consumeDeadNotifications(router.deps, held);
    expect(held.map(({ outcome }) => outcome)).toEqual(["acked"]);
    expect(await ended(ids)).toEqual([
      { what: "1 notification_failed", detail: { cause: "ran out of deliveries" } },
    ]);
    expect(router.posts).toEqual([]);
  });
});
