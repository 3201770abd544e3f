import { createScheduledController } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import worker from "../../src/index.ts";
import { callApi, isAnnounced, postLead, putReps, waitForStory } from "./client.ts";
import { recordSlack, textsOf } from "./slack.ts";

async function openLeads(): Promise<Record<string, number>> {
  const { members } = await env.PODS.getByName("everyone").snapshot();
  return Object.fromEntries(members.map(({ repId, open }) => [repId, open]));
}

it("assigned once means assigned, until somebody says force; then the next generation is another rep's", async () => {
  const posts = recordSlack();
  await putReps("everyone", { ana: {}, bo: {} });
  const id = await postLead({ email: "re@route.test", country: "FR", score: 1 });
  expect((await waitForStory(id)).lead.ownerId).toBe("ana");
  expect(await openLeads()).toEqual({ ana: 1, bo: 0 });

  const plain = await callApi("POST", `/leads/${id}/route`, {});
  expect(plain.status).toBe(409);
  expect(plain.json.detail).toContain("assigned to ana");

  const wish = { force: true, reason: "wrong language", generation: 1 };
  const forced = await callApi("POST", `/leads/${id}/route`, wish);
  expect(forced).toMatchObject({ status: 202, json: { leadId: id, generation: 2 } });

  const story = await waitForStory(id, (now) => now.decisions.length === 2 && isAnnounced(now));
  expect(story.decisions).toMatchObject([
    { generation: 1, ownerId: "ana", decidedBy: "router" },
    { generation: 2, ownerId: "bo", decidedBy: "ana" },
  ]);
  expect(story.decisions[1]?.trail.at(-1)?.candidates?.[0]).toMatchObject({
    repId: "ana",
    eligibility: "excluded",
  });
  expect(story.events).toMatchObject([
    { generation: 1, kind: "notified" },
    {
      generation: 2,
      kind: "reroute_requested",
      actor: "ana",
      detail: { reason: "wrong language" },
    },
    { generation: 2, kind: "notified" },
  ]);
  // Said again by somebody who saw only the first generation, it is refused.
  expect((await callApi("POST", `/leads/${id}/route`, wish)).status).toBe(409);

  // The first generation's open slot is freed by the sweep, once.
  expect(await openLeads()).toEqual({ ana: 1, bo: 1 });
  for (let run = 0; run < 2; run++) {
    await worker.scheduled(createScheduledController(), env);
    expect(await openLeads()).toEqual({ ana: 0, bo: 1 });
  }
  const told = posts.filter((post) => textsOf(post).join().includes("re@route.test"));
  expect(told.map((post) => /Rep \w+/.exec(textsOf(post).join())?.[0])).toEqual([
    "Rep ana",
    "Rep bo",
  ]);
});
