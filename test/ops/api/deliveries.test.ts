import { destination } from "lead-router";
import { describe, expect, it } from "vitest";
import {
  crmDestination,
  openDeliveries,
  type DeliveriesWorld,
} from "../../notify/webhooks/deliveries-world.ts";
import { apiClient, refusedFields } from "./api-client.ts";

/** A router whose CRM refuses everything, with this many failed deliveries. */
async function openFailed(count: number) {
  const world = await openDeliveries();
  world.crm.state.answer = () => ({ status: 422 });
  const ids: string[] = [];
  for (let nth = 0; nth < count; nth++) ids.push(await world.decide());
  await world.announce(...ids);
  await world.flush();
  return { world, ids, call: apiClient(world.deps) };
}

const idsOf = (json: unknown) => (json as { items: { id: string }[] }).items.map(({ id }) => id);

describe("GET /deliveries", () => {
  it("lists what failed, by pages, with the last answer, and nothing of what was delivered", async () => {
    const { world, ids, call } = await openFailed(3);
    world.crm.state.answer = () => ({ status: 200 });
    await world.announce(await world.decide());
    await world.flush();
    const first = await call("GET", "/deliveries?limit=2");
    expect(first.json).toMatchObject({
      items: [
        {
          id: `${ids[0]}_1_crm`,
          destination: "crm",
          state: "failed",
          nextTryAt: null,
          tries: 1,
          cause: "answered 422",
        },
        { id: `${ids[1]}_1_crm` },
      ],
    });
    const { nextCursor } = first.json as { nextCursor: string };
    const second = await call("GET", `/deliveries?limit=2&cursor=${nextCursor}&destination=crm`);
    expect(second.json).toMatchObject({ items: [{ id: `${ids[2]}_1_crm` }], nextCursor: null });
    expect(idsOf((await call("GET", "/deliveries?destination=other")).json)).toEqual([]);
  });

  it("lists what waits, and when it is tried next", async () => {
    const world = await openDeliveries();
    world.crm.state.answer = () => ({ status: 503 });
    const id = await world.decide();
    await world.announce(id);
    await world.flush();
    const { json } = await apiClient(world.deps)("GET", "/deliveries?state=waiting");
    expect(json).toMatchObject({
      items: [
        {
          id: `${id}_1_crm`,
          state: "waiting",
          nextTryAt: "2026-11-22T09:31:00.000Z",
          cause: "answered 503",
        },
      ],
    });
  });

  it("reads its pages and its counts by an index, however long the list is", async () => {
    const { world } = await openFailed(0);
    const plan = (sql: string) =>
      world
        .all(`EXPLAIN QUERY PLAN ${sql}`)
        .map(({ detail }) => String(detail))
        .join("; ");
    expect(
      plan(`SELECT * FROM deliveries WHERE state = 'failed' AND (destination, lead_id, generation) > ('', '', 0)
        ORDER BY destination, lead_id, generation LIMIT 51`),
    ).toMatch(
      /^SEARCH deliveries USING INDEX deliveries_by_state \(state=\? AND \(destination,lead_id,generation\)>\(\?,\?,\?\)\)$/,
    );
    expect(
      plan(
        "SELECT lead_id FROM deliveries WHERE destination = 'crm' AND state = 'waiting' AND due <= 1 ORDER BY due LIMIT 9",
      ),
    ).toBe(
      "SEARCH deliveries USING COVERING INDEX deliveries_by_due (destination=? AND state=? AND due<?)",
    );
  });

  it.each([
    ["state=lost", "state"],
    ["destination=A b", "destination"],
    ["owner=ana", "owner"],
  ])("?%s is refused, and the field is named", async (query, field) => {
    const { call } = await openFailed(0);
    const { status, json } = await call("GET", `/deliveries?${query}`);
    expect([status, Object.keys(refusedFields(json))]).toEqual([400, [field]]);
  });
});

describe("POST /deliveries/{id}/retry", () => {
  const retry = async (world: DeliveriesWorld, id: string) => {
    const answer = await apiClient(world.deps)("POST", `/deliveries/${id}/retry`);
    await world.flush();
    return answer;
  };

  it("sends what failed once more, under the same id, and the audit names who asked", async () => {
    const { world, ids } = await openFailed(1);
    const id = `${ids[0]}_1_crm`;
    world.crm.state.answer = () => ({ status: 200 });
    expect(await retry(world, id)).toMatchObject({ status: 202, json: { id, state: "waiting" } });
    expect(world.crm.received.map((one) => one.id)).toEqual([id, id]);
    expect(world.events(ids[0] ?? "").map(({ what }) => what)).toEqual([
      "delivery_failed 1",
      "delivery_requested 1",
      "delivered 1",
    ]);
    expect(world.all("SELECT actor FROM events WHERE kind = 'delivery_requested'")).toEqual([
      { actor: "ana" },
    ]);
    expect(world.listed()).toEqual([]);
  });

  it("replays what was delivered", async () => {
    const world = await openDeliveries();
    const id = await world.decide();
    await world.announce(id);
    await world.flush();
    expect((await retry(world, `${id}_1_crm`)).status).toBe(202);
    expect(world.crm.received.map((one) => one.id)).toEqual([`${id}_1_crm`, `${id}_1_crm`]);
    await world.minute(10);
    expect(world.crm.received).toHaveLength(2);
  });

  it("is not lost when the queue is", async () => {
    const { world, ids } = await openFailed(1);
    world.crm.state.answer = () => ({ status: 200 });
    await apiClient(world.deps)("POST", `/deliveries/${ids[0]}_1_crm/retry`);
    world.queue.length = 0;
    await world.minute(10);
    expect(world.crm.received).toHaveLength(2);
    expect(world.listed()).toEqual([]);
  });

  it("is refused for what is no delivery, is nobody's, or is told no more", async () => {
    const { world, ids } = await openFailed(2);
    const [first = "", second = ""] = ids;
    world.decideAgain(first, 2, "bo");
    for (const [id, status] of [
      ["nonsense", 404],
      [`${second}_7_crm`, 404],
      ["019abc12-7f3e-7d21-9a55-0c4b1e2f3a4d_1_crm", 404],
      [`${second}_1_other`, 409],
      [`${first}_1_crm`, 409],
    ] as const)
      expect([id, (await retry(world, id)).status]).toEqual([id, status]);
    Object.assign(world.deps, {
      destinations: [
        destination("crm", {
          url: crmDestination.url,
          secrets: ["S"],
          events: ["lead.unassigned"],
        }),
      ],
    });
    expect((await retry(world, `${second}_1_crm`)).json).toMatchObject({
      detail: "crm does not listen to lead.assigned.",
    });
    expect(world.crm.received).toHaveLength(2);
  });
});

it("GET /destinations says whether each works, and shows neither URL nor secret", async () => {
  const { world, call } = await openFailed(2);
  const { json, text } = await call("GET", "/destinations");
  expect(json).toMatchObject({
    items: [
      {
        key: "crm",
        waiting: 0,
        failed: 2,
        troubles: [{ kind: "refused", cause: "answered 422", until: null }],
      },
    ],
  });
  expect(text).not.toContain("example.com");
  Object.assign(world.deps, { destinations: [] });
  expect((await call("GET", "/destinations")).json).toEqual({ items: [] });
});
