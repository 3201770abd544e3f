import { beforeAll, expect, it } from "vitest";
import { callApi, postLead, putReps, waitForStory, type Story } from "./client.ts";
import { recordSlack, textsOf, type SlackPost } from "./slack.ts";

// From the form to the rep's screen through the real queues, which deliver by themselves, by the rules.ts
// that ships. All leads go in first: each hop of a queue takes its second only once.

let posts: SlackPost[];
const stories = new Map<string, Story>();

beforeAll(async () => {
  posts = recordSlack();
  await putReps("dach", { ana: {}, bo: {} });
  await putReps("enterprise", { eve: { dailyCap: 1 } });
  await putReps("everyone", { cy: { dailyCap: 2 } });
  const account = { accountId: "a-1", name: "Konto", ownerId: "cy" };
  expect((await callApi("PUT", "/accounts/konto.de", account)).status).toBe(201);

  const leads = {
    territory: { email: "jane@eins.test", name: "Jane Eins", country: "Germany" },
    account: { email: "max@mail.konto.de", country: "DE" },
    fallback: { email: "pat@drei.test", country: "FR", score: 10 },
    hot: { email: "hot1@vier.test", country: "FR", score: 90 },
    tooHot: { email: "hot2@vier.test", country: "FR", score: 90 },
    nobody: { email: "kim@fuenf.test", country: "FR", score: 90 },
  };
  const ids: [string, string][] = [];
  for (const [name, lead] of Object.entries(leads)) ids.push([name, await postLead(lead)]);
  for (const [name, id] of ids) stories.set(name, await waitForStory(id));
});

function storyOf(name: string): Story {
  const story = stories.get(name);
  if (story === undefined) throw new Error(`no story of the lead ${name}`);
  return story;
}

function postsNaming(text: string): SlackPost[] {
  return posts.filter((post) => textsOf(post).join("\n").includes(text));
}

it("a lead is decided once, and its story says rule, pod, rep, reason, runner-up and candidates", () => {
  const { lead, decisions, events } = storyOf("territory");
  expect(lead).toMatchObject({ email: "jane@eins.test", countryCode: "DE", state: "assigned" });
  expect(decisions).toHaveLength(1);
  const [decision] = decisions;
  expect(decision).toMatchObject({ generation: 1, rule: "DACH", podId: "dach", ownerId: "ana" });
  expect(decision?.reason).toBe(
    "ana was next in dach (level with bo and first in line, of 2 eligible): the rule DACH matched because the country is DE.",
  );
  expect(decision?.trail.map(({ rule, outcome }) => `${rule}: ${outcome}`)).toEqual([
    "matched account: no_match",
    "DACH: matched",
  ]);
  const step = decision?.trail.at(-1);
  expect(step).toMatchObject({ podId: "dach", picked: "ana", runnerUp: "bo" });
  expect(step?.candidates).toMatchObject([
    { repId: "ana", eligibility: "eligible", reason: "has 0 of 15 leads today", cap: 15 },
    { repId: "bo", eligibility: "eligible", count: 0, weight: 1, balance: 0 },
  ]);
  expect(events.map(({ kind }) => kind)).toEqual(["notified"]);
});

it("the rep hears of the lead once, in the channel for assignments, with the reason", () => {
  const [post, ...others] = postsNaming("jane@eins.test");
  expect(others).toEqual([]);
  expect(post?.channel).toBe("assignments");
  expect(post?.message.blocks[0]).toMatchObject({ type: "header", text: { type: "plain_text" } });
  const texts = post ? textsOf(post) : [];
  expect(texts.join("\n")).toContain("Rep ana");
  expect(texts).toContain(`Why: ${storyOf("territory").decisions[0]?.reason}`);
});

it("a lead of a company that has an account goes to its owner, past every pod", () => {
  const [decision] = storyOf("account").decisions;
  expect(decision).toMatchObject({ rule: "matched account", podId: null, ownerId: "cy" });
  expect(decision?.reason).toBe("cy owns account Konto (konto.de).");
});

it("a lead that no rule above matches goes to the fallback, and its trail says what each missed", () => {
  const [decision] = storyOf("fallback").decisions;
  expect(decision).toMatchObject({ rule: "fallback", podId: "everyone", ownerId: "cy" });
  const passed = decision?.trail.slice(0, -1) ?? [];
  expect(passed.length).toBeGreaterThan(3);
  for (const { outcome, reason } of passed) {
    expect(outcome).toBe("no_match");
    expect(reason).not.toBe("");
  }
});

it("a lead passes a pod whose members are all at their cap, and its trail says so", () => {
  expect(storyOf("hot").lead.ownerId).toBe("eve");
  const [decision] = storyOf("tooHot").decisions;
  expect(decision).toMatchObject({ rule: "fallback", ownerId: "cy" });
  const passed = decision?.trail.find(({ rule }) => rule === "hot");
  expect(passed).toMatchObject({ outcome: "no_eligible_rep", podId: "enterprise" });
  expect(passed?.candidates).toMatchObject([{ repId: "eve", eligibility: "at_daily_cap" }]);
});

it("a lead that nobody can take waits in /api/unassigned with its reason, and ops hear of it", async () => {
  const { lead, decisions } = storyOf("nobody");
  const reason =
    "No rule found a rep: hot matched but nobody in enterprise was eligible (1 at their daily cap); the fallback matched too, but nobody in everyone was eligible (1 at their daily cap).";
  expect(lead.state).toBe("unassigned");
  expect(decisions).toMatchObject([{ outcome: "unassigned", ownerId: null, rule: null, reason }]);

  const { items } = (await callApi("GET", "/unassigned")).json;
  expect(items).toMatchObject([{ lead: { id: lead.id }, decision: { reason } }]);
  const [post, ...others] = postsNaming("kim@fuenf.test");
  expect(others).toEqual([]);
  expect(post?.channel).toBe("ops");
  expect(post && textsOf(post)).toContain(reason);
});
