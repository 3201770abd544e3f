import { describe, expect, it } from "vitest";
import { retryDelivery } from "../../../src/notify/webhooks/due.ts";
import { findMismatch } from "../../ops/api/contract.ts";
import { OK } from "./crm.ts";
import { destination } from "../../../src/rules/destination.ts";
import {
  crmDestination,
  DAY,
  HOUR,
  OLD_SECRET,
  openDeliveries,
  SECRET,
} from "./deliveries-world.ts";

const body = (type: string) => [
  "webhooks",
  type,
  "post",
  "requestBody",
  "content",
  "application/json",
  "schema",
];

describe("a decision", () => {
  it("is posted with the whole lead, under an id of its own, signed so that the receiver's library takes it", async () => {
    const world = await openDeliveries();
    const id = await world.decide("ana");
    expect(await world.announce(id)).toEqual(["acked"]);
    expect(await world.flush()).toEqual(["acked"]);
    expect(world.crm.received).toMatchObject([
      {
        path: "/hooks/leads",
        id: `${id}_1_crm`,
        event: {
          type: "lead.assigned",
          timestamp: "2026-11-22T09:30:00.000Z",
          data: {
            lead: { id, email: "jane@acme.test", name: "Jane Doe", fields: { message: "Hello" } },
            decision: {
              generation: 1,
              outcome: "assigned",
              rule: "DACH",
              reason: "the country is DE",
            },
            owner: { id: "ana", name: "Ana Alvarez", email: "ana@router.test" },
            previousOwner: null,
          },
        },
      },
    ]);
    expect(world.events(id)).toEqual([
      { what: "delivered 1", destination: "crm", type: "lead.assigned", tries: 1, status: 204 },
    ]);
    expect([world.listed(), world.troubles()]).toEqual([[], []]);
  });

  it("is of one type: assigned, unassigned, rerouted only where a rep had it right before; each as the document says", async () => {
    const world = await openDeliveries();
    const told = async (leadId: string, generation: number) => {
      await world.announce({ leadId, generation });
      await world.flush();
      const event = world.crm.received.at(-1)?.event;
      if (typeof event !== "object" || event === null || !("type" in event))
        throw new Error("no event");
      expect(findMismatch(body(String(event.type)), event)).toBeNull();
      return event;
    };
    const id = await world.decide(null);
    expect(await told(id, 1)).toMatchObject({ type: "lead.unassigned", data: { owner: null } });
    world.decideAgain(id, 2, "ana");
    expect(await told(id, 2)).toMatchObject({
      type: "lead.assigned",
      data: { previousOwner: null },
    });
    world.decideAgain(id, 3, "bo");
    expect(await told(id, 3)).toMatchObject({
      type: "lead.rerouted",
      data: { owner: { id: "bo" }, previousOwner: { id: "ana" } },
    });
    world.decideAgain(id, 4, null);
    expect(await told(id, 4)).toMatchObject({
      type: "lead.unassigned",
      data: { previousOwner: { id: "bo" } },
    });
    expect(new Set(world.crm.received.map((one) => one.id)).size).toBe(4);
    expect(world.listed()).toEqual([]);
  });

  it("goes only to those who listen to its type", async () => {
    const ops = destination("ops", {
      url: crmDestination.url,
      secrets: ["CRM_WEBHOOK_SECRET"],
      events: ["lead.unassigned"],
    });
    const world = await openDeliveries({ destinations: [ops] });
    const [assigned, unassigned] = [await world.decide("ana"), await world.decide(null)];
    await world.announce(assigned, unassigned);
    await world.flush();
    expect(world.crm.received.map(({ id }) => id)).toEqual([`${unassigned}_1_ops`]);
  });

  it("that was replaced, or whose lead was erased, before it could be told is told no more, and the audit says why", async () => {
    const world = await openDeliveries();
    const [replaced, erased] = [await world.decide("ana"), await world.decide("ana")];
    await world.announce(replaced, erased);
    world.decideAgain(replaced, 2, "bo");
    world.db.sqlite
      .prepare(
        "UPDATE leads SET erased_at = 1, email = NULL, phone = NULL, name = NULL, company = NULL, fields = '{}' WHERE id = ?",
      )
      .run(erased);
    await world.flush();
    expect(world.crm.received).toEqual([]);
    expect(world.events(replaced)).toMatchObject([
      { what: "delivery_skipped 1", reason: "superseded by generation 2" },
    ]);
    expect(world.events(erased)).toMatchObject([{ reason: "the lead was erased" }]);
  });

  it("costs nothing and asks nothing where no destination is declared", async () => {
    const world = await openDeliveries({ destinations: [] });
    const id = await world.decide("ana");
    await world.announce(id);
    await world.minute(3);
    expect([world.queue, world.events(id), world.listed()]).toEqual([[], [], []]);
  });
});

describe("a secret", () => {
  it("is replaced without a delivery that the receiver cannot verify: both sign until it knows the new one", async () => {
    const rotating = destination("crm", {
      url: crmDestination.url,
      secrets: ["CRM_WEBHOOK_SECRET", "CRM_OLD_SECRET"],
    });
    const world = await openDeliveries({ destinations: [rotating] });
    world.secrets.set("CRM_OLD_SECRET", OLD_SECRET);
    for (const secret of [OLD_SECRET, SECRET]) {
      world.crm.state.secret = secret;
      await world.announce(await world.decide());
      await world.flush();
    }
    world.secrets.delete("CRM_OLD_SECRET");
    await world.announce(await world.decide());
    await world.flush();
    expect(world.crm.received.map(({ event, signatures }) => [event !== null, signatures])).toEqual(
      [
        [true, 2],
        [true, 2],
        [true, 1],
      ],
    );
  });

  it("that is not set holds everything back, ops hear of it once, and everything goes when it is", async () => {
    const world = await openDeliveries();
    world.secrets.delete("CRM_WEBHOOK_SECRET");
    const ids = [await world.decide(), await world.decide()];
    for (const id of ids) await world.announce(id);
    await world.flush();
    await world.minute(20);
    expect(world.crm.received).toEqual([]);
    expect(world.troubles()).toMatchObject([
      { kind: "unusable", cause: "CRM_WEBHOOK_SECRET is not set" },
    ]);
    expect(world.posts.filter((post) => post.includes("CRM_WEBHOOK_SECRET"))).toHaveLength(1);
    world.secrets.set("CRM_WEBHOOK_SECRET", SECRET);
    await world.minute(8);
    expect(world.crm.received.map(({ id }) => id).toSorted()).toEqual(
      ids.map((id) => `${id}_1_crm`).toSorted(),
    );
    expect([world.listed(), world.troubles()]).toEqual([[], []]);
  });

  it("of the URL that leads to a private address is refused when it is to be used, and quoted nowhere", async () => {
    const hidden = destination("crm", { url: "CRM_URL", secrets: ["CRM_WEBHOOK_SECRET"] });
    const world = await openDeliveries({ destinations: [hidden] });
    world.secrets.set("CRM_URL", "https://169.254.169.254/latest/meta-data");
    const id = await world.decide();
    await world.announce(id);
    await world.flush();
    expect(world.crm.received).toEqual([]);
    expect(world.troubles()).toMatchObject([
      { kind: "unusable", cause: "CRM_URL should name a host, not an address" },
    ]);
    const kept = JSON.stringify([
      world.logged,
      world.all("SELECT * FROM destination_troubles"),
      world.listed(),
    ]);
    expect(kept).not.toContain("169.254");
    world.secrets.set("CRM_URL", "https://hooks.zapier.com/hooks/catch/1/secret");
    await world.minute(6);
    expect(world.crm.received.map(({ path }) => path)).toEqual(["/hooks/catch/1/secret"]);
  });
});

describe("a receiver", () => {
  it.each([301, 302, 307, 401, 403, 404, 405, 408, 409, 425, 429, 500, 502, 503])(
    "that answers %i is asked again, under the same id, until it takes it",
    async (status) => {
      const world = await openDeliveries();
      const headers = { location: "https://elsewhere.example.com/" };
      world.crm.state.answer = (_, nth) => (nth <= 3 ? { status, headers } : OK);
      const id = await world.decide();
      await world.announce(id);
      await world.flush();
      expect(world.listed()).toMatchObject([
        { state: "waiting", tries: 1, cause: expect.stringContaining(`answered ${status}`) },
      ]);
      await world.minute(60);
      expect(world.crm.received.map((one) => one.id)).toEqual(Array(4).fill(`${id}_1_crm`));
      expect(world.events(id)).toMatchObject([{ what: "delivered 1", tries: 4 }]);
      expect([world.listed(), world.troubles()]).toEqual([[], []]);
    },
  );

  it.each([400, 413, 415, 422])(
    "that answers %i is not asked again, and ops hear of it once",
    async (status) => {
      const world = await openDeliveries();
      world.crm.state.answer = () => ({ status });
      const ids = [await world.decide(), await world.decide(), await world.decide()];
      for (const id of ids) await world.announce(id);
      await world.flush();
      await world.minute(10);
      expect(world.crm.received).toHaveLength(3);
      for (const id of ids)
        expect(world.events(id)).toMatchObject([
          { what: "delivery_failed 1", cause: expect.stringContaining(`answered ${status}`) },
        ]);
      expect(world.listed().map(({ state }) => state)).toEqual(["failed", "failed", "failed"]);
      expect(world.posts.filter((post) => post.includes("An outgoing webhook"))).toHaveLength(1);
      await world.minute(1);
      world.pass(31 * DAY);
      await world.minute(1);
      expect(world.listed()).toEqual([]);
    },
  );

  it("that is gone (410) is left alone until somebody retries; then what waited goes, each once", async () => {
    const world = await openDeliveries();
    world.crm.state.answer = () => ({ status: 410 });
    const ids = [await world.decide(), await world.decide(), await world.decide()];
    for (const id of ids) {
      await world.announce(id);
      await world.flush();
    }
    await world.minute(120);
    expect(world.crm.received).toHaveLength(1);
    expect(world.listed()).toHaveLength(3);
    expect(world.posts.filter((post) => post.includes("says that it is gone"))).toHaveLength(1);

    world.crm.state.answer = () => OK;
    const [leadId = ""] = ids;
    const key = { leadId, generation: 1, destination: "crm" };
    expect(await retryDelivery(world.deps, "ana", key)).toEqual({ outcome: "waiting" });
    await world.flush();
    await world.minute(2);
    const seen = world.crm.received.slice(1).map(({ id }) => id);
    expect(seen.toSorted()).toEqual(ids.map((id) => `${id}_1_crm`));
    expect([world.listed(), world.troubles()]).toEqual([[], []]);
  });

  it("that is gone says so to all that were under way at once", async () => {
    const world = await openDeliveries();
    world.crm.state.answer = () => ({ status: 410 });
    for (let nth = 0; nth < 2; nth++) await world.announce(await world.decide());
    // Two messages of the queue, at once.
    expect(await world.flush()).toEqual(["acked", "acked"]);
    expect(world.crm.received).toHaveLength(2);
    expect(world.troubles()).toEqual([{ kind: "gone", cause: "answered 410", failures: 1 }]);
    expect(world.listed()).toHaveLength(2);
  });

  it.each([401, 403, 404])(
    "that answers %i for an hour and a half has ops hear of it, once",
    async (status) => {
      const world = await openDeliveries();
      world.crm.state.answer = () => ({ status });
      const id = await world.decide();
      await world.announce(id);
      await world.flush();
      await world.minute(90);
      const told = world.posts.filter((post) => post.includes(`(answered ${status})`));
      expect(told).toHaveLength(1);
      expect(world.listed()).toMatchObject([{ lead_id: id, state: "waiting" }]);
    },
  );

  it("that says when is asked then, and not before; a day is too long", async () => {
    const world = await openDeliveries();
    world.crm.state.answer = (_, nth) =>
      nth === 1
        ? { status: 429, headers: { "retry-after": "1200" } }
        : nth === 2
          ? { status: 503, headers: { "retry-after": "86400" } }
          : OK;
    const id = await world.decide();
    await world.announce(id);
    await world.flush();
    await world.minute(19);
    expect(world.crm.received).toHaveLength(1);
    await world.minute(2);
    expect(world.crm.received).toHaveLength(2);
    await world.minute(55);
    expect(world.crm.received).toHaveLength(2);
    await world.minute(10);
    expect(world.events(id)).toMatchObject([{ what: "delivered 1", tries: 3 }]);
  });

  it("that is away for an hour costs it a handful of posts, and then everything arrives", async () => {
    const world = await openDeliveries();
    world.crm.state.answer = () => ({ status: 503 });
    const ids: string[] = [];
    for (let nth = 0; nth < 60; nth++) {
      const id = await world.decide();
      ids.push(id);
      await world.announce(id);
      await world.flush();
      await world.minute();
    }
    expect(world.crm.received.length).toBeLessThan(15);
    expect(world.posts.filter((post) => post.includes("is not accepting deliveries"))).toHaveLength(
      1,
    );
    world.crm.state.answer = () => OK;
    await world.minute(40);
    const delivered = ids.filter((id) => world.events(id).at(-1)?.what === "delivered 1");
    expect(delivered).toHaveLength(60);
    expect([world.listed(), world.troubles()]).toEqual([[], []]);
  });

  it("that stays away for three days is given up, and the audit says so of every lead", async () => {
    const world = await openDeliveries();
    world.crm.state.answer = () => ({ status: 503 });
    const ids = [await world.decide(), await world.decide(), await world.decide()];
    await world.announce(...ids);
    await world.flush();
    for (let hour = 0; hour < 80; hour++) {
      world.pass(HOUR);
      await world.minute();
    }
    for (const id of ids)
      expect(world.events(id).map(({ what }) => what)).toEqual(["delivery_failed 1"]);
    expect(world.listed().map(({ state }) => state)).toEqual(["failed", "failed", "failed"]);
  });
});
