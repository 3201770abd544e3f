import { chain, fallback, pod } from "lead-router";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { consumeDeadNotifications } from "../../../src/notify/notifications.ts";
import { NOW } from "./announcements.ts";
import { openNotifyWorld, type NotifyWorld } from "./notify-world.ts";
import { shownTexts } from "./shown-texts.ts";
import { startSlackServer, type SlackServer, type TakenMessage } from "./slack-server.ts";

// Who hears, and what becomes of it when a channel does not work. Slack is a real server on loopback here.

let slack: SlackServer;
let world: NotifyWorld;

beforeEach(async () => {
  slack = await startSlackServer({ now: () => world.clock.now, burst: 1 });
  world = openNotifyWorld({ secrets: ALL() });
});
afterEach(() => slack.close());

const ALL = () => ({
  SLACK_BOT_TOKEN: "xoxb-test",
  SLACK_API_URL: slack.apiUrl,
  SLACK_DACH_WEBHOOK_URL: slack.webhook("#dach"),
  SLACK_WEBHOOK_URL: slack.webhook("#assignments"),
  SLACK_OPS_WEBHOOK_URL: slack.webhook("#ops"),
});

function open(
  unset: readonly string[],
  overrides: Parameters<typeof openNotifyWorld>[0] | object = {},
) {
  const secrets = Object.fromEntries(
    Object.entries(ALL()).filter(([name]) => !unset.includes(name)),
  );
  world = openNotifyWorld({ secrets, ...overrides });
}

const channels = () => slack.taken.map(({ channel }) => channel);
const titleOf = ({ message }: TakenMessage) => shownTexts(message.blocks)[0]?.text;
const titles = () => slack.taken.map((taken) => `${taken.channel}: ${titleOf(taken)}`);
const textOf = (taken: TakenMessage | undefined) =>
  shownTexts(taken?.message.blocks ?? [])
    .map(({ text }) => text)
    .join("\n");
const kinds = () => world.ended().map(({ kind, detail }) => `${kind} ${String(detail["channel"])}`);

describe("who hears", () => {
  it("is the rep, directly", async () => {
    expect(await world.deliver([await world.decide()])).toBe("acked");
    expect(titles()).toEqual(["U0ANA: New lead for you"]);
    expect(world.ended()).toMatchObject([
      { kind: "notified", detail: { channel: "direct_message", leadsInMessage: 1 } },
    ]);
  });

  it("is the pod's channel where there is no bot, or the rep has no Slack id; the rep is mentioned", async () => {
    open(["SLACK_BOT_TOKEN"]);
    await world.deliver([await world.decide()]);
    expect(textOf(slack.taken[0])).toContain("<@U0ANA> · came in 3 s ago");
    open([], { reps: { ana: null } });
    world.clock.now = NOW + 60_000;
    await world.deliver([await world.decide()]);
    expect(titles()).toEqual([
      "#dach: New lead for Ana Alvarez",
      "#dach: New lead for Ana Alvarez",
    ]);
    expect(kinds()).toEqual(["notified pod"]);
  });

  it("is the channel of all assignments where the pod names none, or its secret is not set", async () => {
    open(["SLACK_BOT_TOKEN", "SLACK_DACH_WEBHOOK_URL"]);
    await world.deliver([await world.decide()]);
    open(["SLACK_BOT_TOKEN"], { rules: chain(fallback(pod("dach"))) });
    world.clock.now = NOW + 60_000;
    await world.deliver([await world.decide()]);
    expect(channels()).toEqual(["#assignments", "#assignments"]);
  });

  it("is ops for a lead that nobody got", async () => {
    await world.deliver([await world.decide({ owner: null })]);
    expect(titles()).toEqual(["#ops: A lead found no rep"]);
  });

  it("is nobody where nothing is set: recorded as skipped, with the names of what is missing", async () => {
    open(Object.keys(ALL()));
    const keys = [await world.decide(), await world.decide({ owner: null })];
    expect(await world.deliver(keys)).toBe("acked");
    expect(world.ended().map(({ kind, detail }) => [kind, detail["reason"]])).toEqual([
      ["notification_skipped", "SLACK_DACH_WEBHOOK_URL and SLACK_WEBHOOK_URL are not set"],
      ["notification_skipped", "SLACK_OPS_WEBHOOK_URL is not set"],
    ]);
    expect(slack.calls.all).toBe(0);
  });
});

describe("a channel that is broken", () => {
  it("has its leads told in the next one: direct message, pod, assignments, ops", async () => {
    slack.fail("U0ANA", { status: 200, word: "user_not_found" });
    slack.fail("#dach", { status: 410, word: "channel_is_archived" });
    slack.fail("#assignments", { status: 404, word: "no_service" });
    expect(await world.deliver([await world.decide()])).toBe("acked");
    expect(titles()).toEqual([
      "#ops: New lead for Ana Alvarez",
      "#ops: Slack notifications are failing",
    ]);
    // Whether the mention reaches anybody is not known: the name stands beside it.
    expect(textOf(slack.taken[0])).toContain("<@U0ANA> *Ana Alvarez*");
    expect(textOf(slack.taken[1])).toContain(
      [
        "user U0ANA: Slack answered user_not_found",
        "SLACK_DACH_WEBHOOK_URL: Slack answered 410 channel_is_archived",
        "SLACK_WEBHOOK_URL: Slack answered 404 no_service",
      ].join("\n"),
    );
    expect(world.ended()).toMatchObject([
      { kind: "notified", detail: { channel: "ops", insteadOf: "direct_message" } },
    ]);
  });

  it("is told to ops once, and left alone for five minutes, not tried for every lead", async () => {
    slack.fail("U0ANA", { status: 200, word: "messages_tab_disabled" });
    for (let n = 0; n < 5; n++) {
      await world.deliver([await world.decide()]);
      world.clock.now += 10_000;
    }
    expect(channels()).toEqual(["#dach", "#ops", "#dach", "#dach", "#dach", "#dach"]);
    expect(slack.calls.all).toBe(7);
    // Then it is tried again, and ops know already.
    world.clock.now += 5 * 60_000;
    await world.deliver([await world.decide()]);
    expect(slack.calls.all).toBe(9);
    expect(channels().filter((channel) => channel === "#ops")).toHaveLength(1);
  });

  it("is used again once it works, and news when it breaks again, or for another cause", async () => {
    slack.fail("U0ANA", { status: 200, word: "messages_tab_disabled" });
    await world.deliver([await world.decide()]);
    slack.fail("U0ANA", null);
    world.clock.now += 6 * 60_000;
    await world.deliver([await world.decide()]);
    expect(channels().at(-1)).toBe("U0ANA");
    expect(world.marks()).toEqual({});
    for (const word of ["messages_tab_disabled", "user_not_found"]) {
      slack.fail("U0ANA", { status: 200, word });
      world.clock.now += 6 * 60_000;
      await world.deliver([await world.decide()]);
    }
    expect(channels().filter((channel) => channel === "#ops")).toHaveLength(3);
  });

  it("by its token is broken for every rep, and ops hear of the token once", async () => {
    slack.fail("U0ANA", { status: 200, word: "token_revoked" });
    slack.fail("U0BO", { status: 200, word: "token_revoked" });
    const keys = [await world.decide({ owner: "ana" }), await world.decide({ owner: "bo" })];
    await world.deliver(keys);
    expect(titles()).toEqual(["#dach: 2 new leads", "#ops: Slack notifications are failing"]);
    expect(textOf(slack.taken[1])).toContain("SLACK_BOT_TOKEN: Slack answered token_revoked");
    expect(Object.keys(world.marks())).toEqual(["slack:SLACK_BOT_TOKEN"]);
  });

  it("by its token, found out while another rep was told, has nobody told twice", async () => {
    slack.fail("U0ANA", { status: 200, word: "token_revoked" });
    const keys = [await world.decide({ owner: "ana" }), await world.decide({ owner: "bo" })];
    expect(await world.deliver(keys)).toBe("acked");
    expect(titles()).toEqual([
      "U0BO: New lead for you",
      "#dach: New lead for Ana Alvarez",
      "#ops: Slack notifications are failing",
    ]);
  });

  it("has its leads told to ops beside those that nobody got, each kind in messages of its own", async () => {
    open(["SLACK_BOT_TOKEN", "SLACK_DACH_WEBHOOK_URL"]);
    slack.fail("#assignments", { status: 404, word: "no_service" });
    const keys = [await world.decide({ owner: null }), await world.decide(), await world.decide()];
    expect(await world.deliver(keys)).toBe("acked");
    expect(titles()).toEqual([
      "#ops: A lead found no rep",
      "#ops: 2 new leads",
      "#ops: Slack notifications are failing",
    ]);
  });

  it("that is the last one has its leads wait until somebody mends it, and says so where it can", async () => {
    open(["SLACK_BOT_TOKEN", "SLACK_DACH_WEBHOOK_URL"]);
    slack.fail("#ops", { status: 403, word: "action_prohibited" });
    const key = await world.decide({ owner: null });
    expect(await world.deliver([key])).toMatchObject({ retriedAfter: expect.any(Number) });
    expect(titles()).toEqual(["#assignments: Slack notifications are failing"]);
    expect(world.ended()).toEqual([]);
    slack.fail("#ops", null);
    world.clock.now += 10_000;
    expect(await world.deliver([key], 2)).toBe("acked");
    expect(channels().at(-1)).toBe("#ops");
  });

  it("of which ops could not be told is told to them by the next visit", async () => {
    slack.fail("U0ANA", { status: 200, word: "user_not_found" });
    slack.fail("#ops", { status: 503, word: "" });
    await world.deliver([await world.decide()]);
    expect(channels()).toEqual(["#dach"]);
    slack.fail("#ops", null);
    world.clock.now += 2_000;
    await world.deliver([await world.decide()]);
    expect(titles()).toContain("#ops: Slack notifications are failing");
    expect(world.marks()).toMatchObject({ "slack:user U0ANA": { told: true } });
  });
});

describe("a channel that asks to wait", () => {
  it("holds up no other: its decisions go again when it said, and nobody asks it before", async () => {
    slack.fail("#dach", { status: 429, word: "ratelimited", retryAfter: 30 });
    open([], { reps: { ana: null, bo: "U0BO" } });
    const keys = [
      await world.decide({ owner: "ana" }),
      await world.decide({ owner: "bo" }),
      await world.decide({ owner: null }),
    ];
    expect(await world.deliver(keys)).toEqual({ retriedAfter: 30 });
    expect(channels().toSorted()).toEqual(["#ops", "U0BO"]);
    expect(world.clock.now).toBe(NOW);
    const calls = slack.calls.all;
    // Another batch, 10 seconds later, has a lead for the same channel.
    world.clock.now += 10_000;
    expect(await world.deliver([await world.decide({ owner: "ana" })])).toEqual({
      retriedAfter: 20,
    });
    expect(slack.calls.all).toBe(calls);
    slack.fail("#dach", null);
    world.clock.now += 20_000;
    expect(await world.deliver(keys, 2)).toBe("acked");
    expect(kinds().toSorted()).toEqual(["notified direct_message", "notified ops", "notified pod"]);
    expect(world.marks()).toEqual({});
  });

  it("holds up no other of the same message that asked for less", async () => {
    open([], { reps: { ana: null, bo: "U0BO" } });
    slack.fail("#dach", { status: 429, word: "ratelimited", retryAfter: 600 });
    slack.fail("U0BO", { status: 429, word: "ratelimited", retryAfter: 20 });
    const keys = [await world.decide({ owner: "ana" }), await world.decide({ owner: "bo" })];
    expect(await world.deliver(keys)).toEqual({ retriedAfter: 20 });
    slack.fail("U0BO", null);
    world.clock.now += 20_000;
    const calls = slack.calls.all;
    expect(await world.deliver(keys, 2)).toEqual({ retriedAfter: 580 });
    // Nobody asked the other one before its time.
    expect(slack.calls.all).toBe(calls + 1);
    expect(channels()).toEqual(["U0BO"]);
  });

  it("for days has its leads wait for days: they do not run out of deliveries", async () => {
    open(["SLACK_BOT_TOKEN"]);
    slack.fail("*", { status: 429, word: "ratelimited", retryAfter: 5 });
    const key = await world.decide();
    let waited = 0;
    for (let attempt = 1; attempt <= 100; attempt++) {
      const delivered = await world.deliver([key], attempt);
      if (delivered === "acked") throw new Error(`told at try ${attempt}`);
      waited += delivered.retriedAfter;
      if (attempt <= 8) expect(delivered).toEqual({ retriedAfter: 5 });
      world.clock.now += delivered.retriedAfter * 1_000;
    }
    expect(waited).toBeGreaterThan(3 * 24 * 60 * 60);
    expect(world.ended()).toEqual([]);
  });

  it("for a direct message is waited for like any other: the lead is not told twice elsewhere", async () => {
    slack.fail("U0ANA", { status: 429, word: "ratelimited", retryAfter: 17 });
    const key = await world.decide();
    expect(await world.deliver([key])).toEqual({ retriedAfter: 17 });
    expect(slack.taken).toEqual([]);
  });

  it("for a moment is waited for on the spot", async () => {
    open(["SLACK_BOT_TOKEN"]);
    await world.deliver([await world.decide()]);
    // The channel takes one a second.
    expect(await world.deliver([await world.decide()])).toBe("acked");
    expect(slack.calls.limited).toBe(1);
    expect(slack.taken).toHaveLength(2);
  });

  it.each([
    { what: "asks to wait, and says nothing of how long", fault: { status: 429, word: "" } },
    { what: "is broken itself", fault: { status: 500, word: "rollup_error" } },
    { what: "is away behind its door", fault: { status: 503, word: "" } },
  ])("or $what: goes again with the back-off", async ({ fault }) => {
    open(["SLACK_BOT_TOKEN"]);
    slack.fail("*", fault);
    const key = await world.decide();
    expect(await world.deliver([key], 1)).toEqual({ retriedAfter: 2 });
    expect(await world.deliver([key], 5)).toEqual({ retriedAfter: 32 });
    expect(world.ended()).toEqual([]);
    expect(world.marks()).toEqual({});
  });
});

it("a Slack that does not answer at all is tried again; neither webhook nor token is named anywhere", async () => {
  await slack.close();
  open([], { reps: { ana: null, bo: "U0BO" } });
  const keys = [await world.decide({ owner: "ana" }), await world.decide({ owner: "bo" })];
  expect(await world.deliver(keys)).toMatchObject({ retriedAfter: expect.any(Number) });
  expect(world.ended()).toEqual([]);
  expect(world.logged.join()).toContain("Slack did not answer");
  expect(world.logged.join()).not.toMatch(/services|xoxb/);
  slack = await startSlackServer();
});

it("a channel that hangs costs others one wait, and then it is left alone for half a minute", async () => {
  let hung = 0;
  const hanging: typeof fetch = async (url, init) => {
    if (!String(url).includes("dach")) return await fetch(url, init);
    hung += 1;
    throw new Error("The operation was aborted due to timeout");
  };
  open([], { reps: { ana: null, bo: "U0BO" }, fetch: hanging });
  const first = await world.decide();
  expect(await world.deliver([first])).toEqual({ retriedAfter: 30 });
  world.clock.now += 10_000;
  expect(await world.deliver([await world.decide(), await world.decide({ owner: "bo" })])).toEqual({
    retriedAfter: 20,
  });
  expect(hung).toBe(1);
  expect(channels()).toEqual(["U0BO"]);
  world.clock.now += 20_000;
  await world.deliver([first], 2);
  expect(hung).toBe(2);
});

describe("an answer that is not Slack's", () => {
  it.each([
    { what: "a redirect", status: 302, word: "", cause: "302 (a redirect, which is not followed)" },
    { what: "a page", status: 200, word: "<!doctype html><p>Log in</p>", cause: "200 (a page)" },
    { what: "a 2xx", status: 202, word: "queued", cause: '202 (something other than "ok")' },
  ])("$what: nobody was told by it, the next channel is, and ops hear why", async (fault) => {
    open(["SLACK_BOT_TOKEN"]);
    slack.fail("#dach", fault);
    expect(await world.deliver([await world.decide()])).toBe("acked");
    expect(titles()).toEqual([
      "#assignments: New lead for Ana Alvarez",
      "#ops: Slack notifications are failing",
    ]);
    expect(textOf(slack.taken[1])).toContain(
      `SLACK_DACH_WEBHOOK_URL: Slack answered ${fault.cause}`,
    );
  });

  it("is not followed: where the redirect leads hears nothing of the lead", async () => {
    const init: RequestInit[] = [];
    open(["SLACK_BOT_TOKEN"], {
      fetch: async (_url: string, one: RequestInit) => {
        init.push(one);
        return new Response("ok");
      },
    });
    await world.deliver([await world.decide()]);
    expect(init).toMatchObject([{ redirect: "manual" }]);
  });
});

it("dead letters of which ops could not be told while Slack was down are told by a later visit", async () => {
  open(["SLACK_BOT_TOKEN"]);
  slack.fail("*", { status: 503, word: "" });
  let acked = 0;
  await consumeDeadNotifications(world.deps, [
    {
      body: { decisions: [await world.decide()] },
      attempts: 1,
      ack: () => void acked++,
      retry: () => {},
    },
  ]);
  expect(acked).toBe(1);
  expect(world.ended()).toMatchObject([{ kind: "notification_failed" }]);
  slack.fail("*", null);
  world.clock.now += 60_000;
  for (let visit = 0; visit < 2; visit++) {
    await world.deliver([await world.decide()]);
    world.clock.now += 60_000;
  }
  const toOps = slack.taken.filter(({ channel }) => channel === "#ops");
  expect(toOps).toHaveLength(1);
  expect(textOf(toOps[0])).toContain(
    "dead letters: reps were not notified of leads: ran out of deliveries",
  );
});

describe("a message that Slack refuses", () => {
  /** A Slack that takes no message with this name in it. */
  const without =
    (name: string): typeof fetch =>
    async (url, init) =>
      String(init?.body).includes(name)
        ? new Response("invalid_blocks", { status: 400 })
        : await fetch(url, init);

  it("is halved until the lead stands alone that it cannot take: it alone fails, and ops hear of it once", async () => {
    open(["SLACK_BOT_TOKEN"], { fetch: without("Poison Pill") });
    const keys = [];
    for (let n = 0; n < 20; n++)
      keys.push(await world.decide(n === 13 ? { name: "Poison Pill" } : {}));
    expect(await world.deliver(keys)).toBe("acked");
    // It took longer than a visit.
    for (const { decisions } of world.queue.splice(0)) await world.deliver(decisions);
    const failed = world.ended().filter(({ kind }) => kind === "notification_failed");
    expect(failed).toMatchObject([
      { lead: keys[13]?.leadId, detail: { cause: "Slack answered 400 invalid_blocks" } },
    ]);
    expect(world.ended().filter(({ kind }) => kind === "notified")).toHaveLength(19);
    const [toOps, ...more] = slack.taken.filter(({ channel }) => channel === "#ops");
    expect(more).toEqual([]);
    expect(textOf(toOps)).toContain(
      "refused by SLACK_DACH_WEBHOOK_URL: Slack answered 400 invalid_blocks",
    );

    world.clock.now += 60_000;
    await world.deliver([await world.decide({ name: "Poison Pill" })]);
    expect(channels().filter((channel) => channel === "#ops")).toHaveLength(1);
  });
});

describe("many leads", () => {
  it("for one channel share messages, a second apart; a visit ends after eight, and the rest goes again as new", async () => {
    open(["SLACK_BOT_TOKEN"]);
    const keys = [];
    for (let n = 0; n < 300; n++) keys.push(await world.decide());
    expect(await world.deliver(keys)).toBe("acked");
    const told = slack.taken.map(({ at }) => at - NOW);
    expect(told).toEqual([0, 1_000, 2_000, 3_000, 4_000, 5_000, 6_000, 7_000]);
    expect(slack.calls.limited).toBe(0);
    // The next visit may send at once.
    expect(world.clock.now - NOW).toBe(8_000);
    const carried = world.queue.flatMap(({ decisions }) => decisions);
    expect(carried).toHaveLength(300 - world.ended().length);
    for (const { decisions } of world.queue.splice(0)) await world.deliver(decisions);
    expect(world.ended()).toHaveLength(300);
    expect(new Set(world.ended().map(({ lead }) => lead)).size).toBe(300);
    expect(slack.taken.length).toBeLessThanOrEqual(Math.ceil(300 / 24) + 1);
  });

  it("for one rep are told in messages of their own, five reps a second", async () => {
    const reps = Object.fromEntries(Array.from({ length: 12 }, (_, n) => [`rep${n}`, `U0${n}`]));
    open([], { reps });
    const keys = [];
    for (const owner of Object.keys(reps)) keys.push(await world.decide({ owner }));
    for (const owner of Object.keys(reps)) keys.push(await world.decide({ owner }));
    expect(await world.deliver(keys)).toBe("acked");
    expect(slack.taken.map(({ at }) => at - NOW)).toEqual([
      ...Array(5).fill(0),
      ...Array(5).fill(1_000),
      ...Array(2).fill(2_000),
    ]);
    for (const taken of slack.taken) expect(titleOf(taken)).toBe("2 new leads for you");
    // A round is one transaction: a row of the audit's order for five messages.
    expect(world.db.sqlite.prepare("SELECT count(*) AS n FROM commits").get()).toEqual({ n: 3 });
  });

  it("do not hold up the others: ops and another rep hear in the first second", async () => {
    open([], { reps: { ana: null, bo: "U0BO" } });
    const keys = [];
    for (let n = 0; n < 100; n++) keys.push(await world.decide({ owner: "ana" }));
    keys.push(await world.decide({ owner: "bo" }), await world.decide({ owner: null }));
    await world.deliver(keys);
    const first = slack.taken.filter(({ at }) => at === NOW).map(({ channel }) => channel);
    expect(first.toSorted()).toEqual(["#dach", "#ops", "U0BO"]);
  });
});

it("a crash between a message and its record repeats that message of a channel, and no other", async () => {
  open(["SLACK_BOT_TOKEN"]);
  const keys = [];
  for (let n = 0; n < 60; n++) keys.push(await world.decide());
  let batches = 0;
  const crashing = world.db.through(async (call) => {
    // The look, the first round's record; the second round's is never written.
    if (++batches === 3) throw new Error("the process was killed");
    return call();
  });
  Object.assign(world.deps, { db: crashing });
  expect(await world.deliver(keys)).toMatchObject({ retriedAfter: expect.any(Number) });
  Object.assign(world.deps, { db: world.db });
  world.clock.now += 10_000;
  expect(await world.deliver(keys, 2)).toBe("acked");
  const times = new Map<string, number>();
  for (const taken of slack.taken)
    for (const [email] of textOf(taken).matchAll(/lead-\d+@/g))
      times.set(email, (times.get(email) ?? 0) + 1);
  expect(times.size).toBe(60);
  const twice = [...times.values()].filter((count) => count === 2).length;
  expect(twice).toBe(24);
  expect(Math.max(...times.values())).toBe(2);
});
