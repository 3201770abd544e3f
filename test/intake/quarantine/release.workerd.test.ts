import { createScheduledController } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import worker from "../../../src/index.ts";
import { platform } from "../../../src/platform.ts";
import { acceptLead } from "../../../src/intake/accept.ts";
import { DRAFT } from "../api/fakes.ts";
import { callApi, isAnnounced, putReps, waitForStory } from "../../pipeline/client.ts";
import { openRouter, select } from "../../pipeline/open-router.ts";
import { recordSlack, textsOf } from "../../pipeline/slack.ts";

const SUSPECT = { door: "form:contact", quarantineFor: "honeypot:_gotcha", idempotencyKey: null };

it("what is quarantined reaches nobody, also not by the sweep, until it is released; then it is routed and told of once", async () => {
  const posts = recordSlack();
  await putReps("everyone", { ana: {}, bo: {} });
  const draft = { ...DRAFT, email: "kept@ward.test", countryCode: "FR", score: 1 };
  const accepted = await acceptLead(platform(env), { ...SUSPECT, draft });
  if (accepted.outcome !== "received") expect.unreachable(accepted.outcome);
  const id = accepted.leadId;

  await worker.scheduled(createScheduledController(), env);
  expect((await callApi("GET", `/leads/${id}`)).status).toBe(404);
  expect((await callApi("GET", "/quarantine?door=form:contact")).json).toMatchObject({
    items: [{ lead: { id, email: "kept@ward.test" }, reason: "honeypot:_gotcha" }],
  });

  const answers = await Promise.all(
    Array.from({ length: 5 }, () =>
      callApi("POST", `/quarantine/${id}/release`, { reason: "a person" }),
    ),
  );
  for (const answer of answers)
    expect(answer).toMatchObject({ status: 200, json: answers[0]?.json });

  const story = await waitForStory(id, isAnnounced);
  expect(story.decisions).toHaveLength(1);
  expect(story.events.map(({ kind }) => kind)).toEqual(["released", "notified"]);
  await worker.scheduled(createScheduledController(), env);
  expect((await waitForStory(id, isAnnounced)).decisions).toHaveLength(1);
  expect(posts.filter((post) => textsOf(post).join().includes("kept@ward.test"))).toHaveLength(1);
});

it("the cron drops what is older than 30 days on the real D1", async () => {
  const { deps } = openRouter({ now: () => Date.now() - 31 * 24 * 60 * 60_000 });
  const old = { ...deps, newId: () => "01800000-0000-7000-8000-000000000001" };
  await acceptLead(old, { ...SUSPECT, draft: DRAFT });
  const count = () => select("SELECT count(*) AS n FROM quarantine WHERE id LIKE '018%'");
  expect(await count()).toEqual([{ n: 1 }]);
  await worker.scheduled(createScheduledController(), env);
  expect(await count()).toEqual([{ n: 0 }]);
});
