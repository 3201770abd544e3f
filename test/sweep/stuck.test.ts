import { describe, expect, it } from "vitest";
import { sweep } from "../../src/sweep/sweep.ts";
import { NOW } from "../intake/api/fakes.ts";
import { Desk, leadId } from "../routing/desk.ts";

const HOUR_MS = 60 * 60_000;
const OPS = "https://slack.test/ops";
const ASSIGNMENTS = "https://slack.test/assignments";

/** A router whose leads are never decided, and a Slack whose webhooks answer as a test says: 200 where it says nothing. */
async function openStuck(secrets: Record<string, string> = { SLACK_OPS_WEBHOOK_URL: OPS }) {
  const clock = { now: NOW };
  const answers = new Map<string, Response>();
  const posts: { url: string; body: string }[] = [];
  const desk = new Desk({
    now: () => clock.now,
    secret: (name) => secrets[name] ?? null,
    fetch: async (url, { body }) => {
      posts.push({ url, body: String(body) });
      return answers.get(url)?.clone() ?? new Response("ok");
    },
  });
  await desk.addLead(1);
  /** Hours go by, and the sweep runs at the end of each. */
  const hours = async (count: number) => {
    for (let hour = 0; hour < count; hour++) {
      clock.now += HOUR_MS;
      await sweep(desk.deps);
    }
  };
  // The last of these is the sixth try.
  await hours(5);
  expect(posts).toEqual([]);
  return {
    desk,
    clock,
    answers,
    posts,
    hours,
    urls: () => posts.map(({ url }) => url),
    marks: () => desk.select("SELECT name FROM marks WHERE name LIKE 'stuck:%'"),
  };
}

describe("a lead that is stuck", () => {
  it("is told to ops once, and is in the audit once", async () => {
    const { desk, hours, posts, marks } = await openStuck();
    await hours(20);
    expect(posts).toHaveLength(1);
    expect(posts[0]?.body).toContain(`${leadId(1)} waits for route`);
    expect(desk.select("SELECT kind FROM events WHERE kind = 'stuck'")).toHaveLength(1);
    expect(marks()).toEqual([]);
  });

  it("is told until ops heard: Slack asked to slow down once", async () => {
    const { desk, clock, answers, hours, posts, marks } = await openStuck();
    answers.set(OPS, new Response("ratelimited", { status: 429 }));
    await hours(1);
    expect([posts.length, marks().length]).toEqual([1, 1]);
    answers.clear();
    // A minute later nothing is due, and they are told all the same.
    clock.now += 60_000;
    await sweep(desk.deps);
    expect(posts).toHaveLength(2);
    expect(posts[1]?.body).toContain(`${leadId(1)} waits for route`);
    await hours(20);
    expect([posts.length, marks()]).toEqual([2, []]);
  });

  it("is told no more once it got its go", async () => {
    const { desk, answers, hours, posts, marks } = await openStuck();
    answers.set(OPS, new Response("", { status: 503 }));
    await hours(1);
    desk.db.sqlite.exec("DELETE FROM pending");
    answers.clear();
    await sweep(desk.deps);
    expect([posts.length, marks()]).toEqual([1, []]);
  });

  it("is told beside the assignments when the webhook of ops is gone, once", async () => {
    const { answers, hours, urls } = await openStuck({
      SLACK_OPS_WEBHOOK_URL: OPS,
      SLACK_WEBHOOK_URL: ASSIGNMENTS,
    });
    answers.set(OPS, new Response("no_service", { status: 404 }));
    await hours(20);
    expect(urls()).toEqual([OPS, ASSIGNMENTS]);
  });

  it("is posted to a dead webhook once, not for ever, where there is no other", async () => {
    const { answers, hours, urls, marks } = await openStuck();
    answers.set(OPS, new Response("no_service", { status: 404 }));
    await hours(20);
    expect([urls(), marks()]).toEqual([[OPS], []]);
  });

  it("goes again all the same while Slack does not answer", async () => {
    const { desk, clock, posts } = await openStuck();
    clock.now += HOUR_MS;
    const sent = desk.sent.length;
    await sweep({
      ...desk.deps,
      fetch: () => Promise.reject(new Error("Network connection lost.")),
    });
    expect([desk.sent.length, posts.length]).toEqual([sent + 1, 0]);
    await sweep(desk.deps);
    expect(posts).toHaveLength(1);
  });
});
