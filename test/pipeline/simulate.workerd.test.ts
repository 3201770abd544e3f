import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { presentDecision } from "../../src/ops/api/present.ts";
import { readStory } from "../../src/record/lead-story.ts";
import { callApi } from "./client.ts";
import { addMembers, openRouter, routeLeads, select, storeLead } from "./open-router.ts";

const SENT = { email: "jane@simulated.test", country: "Germany" };

/** What the pod and every table hold. */
async function standing() {
  const { at: _, ...ledger } = await env.PODS.getByName("dach").snapshot();
  const tables = await select(
    String.raw`SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\_%' ESCAPE '\'`,
  );
  const rows = await Promise.all(tables.map(({ name }) => select(`SELECT * FROM "${name}"`)));
  return { ledger, rows };
}

it("a simulated lead on the real parts moves nothing, and the real one goes where it said", async () => {
  const router = openRouter();
  await addMembers(router, "dach", { ana: { weight: 2 }, bo: {}, cy: { ownDailyCap: 1 } });
  const earlier = await Promise.all(
    Array.from({ length: 4 }, () => storeLead(router, { countryCode: "DE" })),
  );
  await routeLeads(router, earlier);

  const before = await standing();
  expect(before.ledger.standing).toBe(4);
  const { status, json } = await callApi("POST", "/simulate", { lead: SENT });
  expect({ status, json }).toMatchObject({
    status: 200,
    json: { outcome: "assigned", podId: "dach", lead: { countryCode: "DE" }, notes: [] },
  });
  expect((await callApi("POST", "/simulate", { lead: SENT })).json.trail).toEqual(json.trail);
  expect(await standing()).toEqual(before);

  const lead = await storeLead(router, json.lead);
  await routeLeads(router, [lead]);
  const story = await readStory(env.DB, lead.id);
  const [decision] = (story?.decisions ?? []).map(presentDecision);
  const { outcome, ownerId, rule, reason, trail } = json;
  expect(decision).toMatchObject({ outcome, ownerId, rule, reason });
  expect(decision?.trail).toEqual(trail);
});
