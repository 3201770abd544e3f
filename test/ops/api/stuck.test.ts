import { chain, fallback, pod } from "lead-router";
import { expect, it } from "vitest";
import { leadEvent, recordEvents } from "../../../src/record/events.ts";
import { sweep } from "../../../src/sweep/sweep.ts";
import { openLiveRouter } from "./live-router.ts";

const MINUTE = 60_000;

/** A router whose queue takes messages and delivers none. */
function openDeafRouter() {
  const router = openLiveRouter(chain(fallback(pod("sdr"))));
  const deps = { ...router.deps, leads: { send: async () => {} } };
  const ask = async (query = ""): Promise<any> => (await router.call("GET", `/stuck${query}`)).json;
  return { ...router, deps, ask };
}

it("is empty while all is well", async () => {
  const router = openDeafRouter();
  const lead = await router.addLead();
  await router.addRep("bo", { sdr: {} });
  await router.route(lead);
  expect((await router.ask()).items).toEqual([]);
});

it("lists a lead that the sweep has sent again in vain, with what went wrong last", async () => {
  const router = openDeafRouter();
  const { id } = await router.addLead();
  router.clock.now += 2 * MINUTE;
  await sweep(router.deps);
  expect((await router.ask()).items).toMatchObject([
    { leadId: id, generation: 1, waitsFor: "decision", ageSeconds: 120, tries: 1, cause: null },
  ]);

  const detail = { attempt: 1, failure: "retryable", cause: "Network connection lost" };
  const retried = { kind: "routing_retried", occurredAt: router.clock.now, detail };
  const event = leadEvent("retry-1", { leadId: id, generation: 1 }, retried);
  await recordEvents(router.deps.db, [event], router.clock.now);
  expect((await router.ask()).items).toMatchObject([{ cause: "Network connection lost" }]);
});

it("leaves out what is on its way for the first time", async () => {
  const router = openDeafRouter();
  const { id } = await router.addLead();
  router.db.sqlite
    .prepare("INSERT INTO pending (lead_id, generation, kind, due) VALUES (?, 1, 'route', ?)")
    .run(id, router.clock.now + 1);
  expect((await router.ask()).items).toEqual([]);
  router.clock.now += 1;
  expect((await router.ask()).items).toMatchObject([{ leadId: id, tries: 0 }]);
});

it("tells of a sweep that does not look", async () => {
  const router = openDeafRouter();
  const { id } = await router.addLead();
  router.clock.now += 10 * MINUTE;
  expect((await router.ask()).oldestUnswept).toEqual({ leadId: id, ageSeconds: 600 });
  await sweep(router.deps);
  expect((await router.ask()).oldestUnswept).toBeNull();
});

it("comes in pages, each thing once, the oldest lead first", async () => {
  const router = openDeafRouter();
  const ids: string[] = [];
  for (let n = 0; n < 5; n++) ids.push((await router.addLead()).id);
  router.clock.now += 2 * MINUTE;
  await sweep(router.deps);
  const seen: string[] = [];
  let cursor: string | null = "";
  while (cursor !== null) {
    const page: any = await router.ask(`?limit=2${cursor && `&cursor=${cursor}`}`);
    seen.push(...page.items.map(({ leadId }: any) => leadId));
    cursor = page.nextCursor;
  }
  expect(seen).toEqual(ids);
});
