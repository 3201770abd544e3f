import { describe, expect, it } from "vitest";
import type { DeliverMessage } from "../../../src/record/messages.ts";
import { destination } from "../../../src/rules/destination.ts";
import type { Network } from "../../record/sqlite-d1.ts";
import { crmDestination, openDeliveries } from "./deliveries-world.ts";

/** A network that fails its n-th call, before or after it took effect, and no other. */
function failing(nth: number, after: boolean): { network: Network; arm(): void } {
  let left = Infinity;
  return {
    arm: () => void (left = nth),
    async network(call) {
      if (--left !== 0) return call();
      if (after) call();
      throw new Error("Network connection lost.");
    },
  };
}

describe("a crash", () => {
  // Of a delivery's two calls the first looks and the second records.
  it.each([
    { what: "after the post and before it is recorded", after: false, posts: 2 },
    { what: "after it is recorded and before anybody knows", after: true, posts: 1 },
  ])(
    "$what: posted $posts times in all, under one id, and recorded once",
    async ({ after, posts }) => {
      const world = await openDeliveries();
      const id = await world.decide();
      await world.announce(id);
      const messages: DeliverMessage[] = [...world.queue];
      const { network, arm } = failing(2, after);
      Object.assign(world.deps, { db: world.db.through(network) });
      arm();
      expect(await world.flush()).toEqual(["again"]);
      world.queue.push(...messages);
      expect(await world.flush()).toEqual(["acked"]);
      expect(world.crm.received.map((one) => one.id)).toEqual(Array(posts).fill(`${id}_1_crm`));
      expect(world.events(id).map(({ what }) => what)).toEqual(["delivered 1"]);
      expect(world.listed()).toEqual([]);
    },
  );

  it("that loses the queue loses no delivery: the sweep brings it back, once", async () => {
    const world = await openDeliveries();
    const ids = [await world.decide(), await world.decide(null)];
    await world.announce(...ids);
    world.queue.length = 0;
    await world.minute(3);
    expect(world.crm.received.map(({ id }) => id).toSorted()).toEqual(
      ids.map((id) => `${id}_1_crm`),
    );
    await world.minute(30);
    expect(world.crm.received).toHaveLength(2);
    expect([world.listed(), world.troubles()]).toEqual([[], []]);
  });

  it("that loses the queue loses none of what was decided after the sweep had looked, be it late or anew", async () => {
    const world = await openDeliveries();
    const told = await world.decide("ana");
    await world.announce(told);
    await world.flush();
    const late = await world.decide("ana");
    world.db.sqlite.exec("DROP TRIGGER decisions_refuse_delete");
    world.db.sqlite.prepare("DELETE FROM decisions WHERE lead_id = ?").run(late);
    await world.minute(2);
    world.decideAgain(told, 2, "bo");
    world.decideAgain(late, 1, "bo");
    await world.announce({ leadId: told, generation: 2 }, late);
    world.queue.length = 0;
    await world.minute(10);
    expect(world.crm.received.map(({ id }) => id).toSorted()).toEqual([
      `${told}_1_crm`,
      `${told}_2_crm`,
      `${late}_1_crm`,
    ]);
    expect(world.listed()).toEqual([]);
  });

  it("that takes what the sweep had sent leaves it on the list", async () => {
    const world = await openDeliveries();
    world.crm.state.answer = () => ({ status: 503 });
    const id = await world.decide();
    await world.announce(id);
    await world.flush();
    world.crm.state.answer = () => ({ status: 200 });
    const send = world.deps.deliveries.send;
    Object.assign(world.deps.deliveries, { send: async () => {} });
    await world.minute(2);
    Object.assign(world.deps.deliveries, { send });
    await world.minute(10);
    expect(world.crm.received).toHaveLength(2);
    expect(world.events(id)).toMatchObject([{ what: "delivered 1", tries: 2 }]);
  });
});

describe("Slack", () => {
  it("is told while a destination is away, and while its queue is", async () => {
    const world = await openDeliveries({
      deliveries: { send: () => Promise.reject(new Error("Queue is away")) },
    });
    world.crm.state.answer = () => ({ status: 503 });
    const id = await world.decide();
    expect(await world.announce(id)).toEqual(["acked"]);
    expect(world.posts).toHaveLength(1);
    expect(world.listed()).toMatchObject([{ lead_id: id, state: "waiting", tries: 0 }]);
  });

  it("that takes nothing for six visits costs a destination one post a decision, be it new or decided anew", async () => {
    const world = await openDeliveries();
    const { fetch } = world.deps;
    let open = false;
    Object.assign(world.deps, {
      fetch: async (url: string, init: RequestInit) =>
        open || !url.includes("slack.test")
          ? await fetch(url, init)
          : new Response("ratelimited", { status: 429, headers: { "retry-after": "10" } }),
    });
    const [first, anew] = [await world.decide(), await world.decide()];
    world.decideAgain(anew, 2, "bo");
    const decisions = [
      { leadId: first, generation: 1 },
      { leadId: anew, generation: 2 },
    ];
    for (let attempts = 1; attempts <= 6; attempts++) {
      await world.announce(...decisions, { attempts });
      world.pass(10_000);
    }
    // The receiver was slow: all that lies in its queue is sent at once.
    await world.flush();
    open = true;
    expect(await world.announce(...decisions, { attempts: 7 })).toEqual(["acked"]);
    await world.flush();
    await world.minute(10);
    const ids = world.crm.received.map(({ id }) => id);
    expect(ids.toSorted()).toEqual([`${first}_1_crm`, `${anew}_2_crm`]);
    expect(world.listed()).toEqual([]);
  });

  it("that is asked again after a crash before the hand-over loses no delivery", async () => {
    const world = await openDeliveries();
    const { network, arm } = failing(2, false);
    const { db } = world;
    const [first, anew] = [await world.decide(), await world.decide()];
    world.decideAgain(anew, 2, "bo");
    const decisions = [
      { leadId: first, generation: 1 },
      { leadId: anew, generation: 2 },
    ];
    Object.assign(world.deps, { db: db.through(network) });
    arm();
    expect(await world.announce(...decisions)).toEqual(["again"]);
    expect(world.queue).toEqual([]);
    expect(await world.announce(...decisions, { attempts: 2 })).toEqual(["acked"]);
    await world.minute(10);
    const ids = world.crm.received.map(({ id }) => id);
    expect(ids.toSorted()).toEqual([`${first}_1_crm`, `${anew}_2_crm`]);
  });

  it("hears of nothing before the destinations' deliveries are safe in their queue, and none of it waits for them", async () => {
    const world = await openDeliveries();
    const { fetch } = world.deps;
    const queued: number[] = [];
    Object.assign(world.deps, {
      fetch: (...call: Parameters<typeof fetch>) => {
        queued.push(world.queue.length);
        return fetch(...call);
      },
    });
    await world.announce(await world.decide());
    expect(queued).toEqual([1]);
    expect(world.crm.received).toEqual([]);
  });
});

describe("a destination that hangs", () => {
  it("holds up no other", async () => {
    const secrets = ["CRM_WEBHOOK_SECRET"] as const;
    const dead = destination("dead", { url: "https://dead.example.com/", secrets });
    const world = await openDeliveries({ destinations: [dead, crmDestination] });
    const { fetch } = world.deps;
    const hung: (() => void)[] = [];
    Object.assign(world.deps, {
      fetch: (url: string, init: RequestInit) =>
        url === dead.url
          ? new Promise((_, reject) =>
              hung.push(() => reject(new Error("The operation was aborted due to timeout"))),
            )
          : fetch(url, init),
    });
    const id = await world.decide();
    await world.announce(id);
    const flushed = world.flush();
    await expect.poll(() => world.events(id)).toMatchObject([{ destination: "crm" }]);
    expect(hung).toHaveLength(1);
    for (const abort of hung) abort();
    expect(await flushed).toEqual(["acked", "acked"]);
    expect(world.listed()).toMatchObject([
      { destination: "dead", cause: "did not answer (The operation was aborted due to timeout)" },
    ]);
    // And from then on it is not even asked for a while.
    const another = await world.decide();
    await world.announce(another);
    await world.flush();
    expect(hung).toHaveLength(1);
    expect(world.events(another)).toMatchObject([{ destination: "crm" }]);
  });

  it("with a long list leaves the others their turn", async () => {
    const secrets = ["CRM_WEBHOOK_SECRET"] as const;
    const dead = destination("dead", { url: "https://dead.example.com/", secrets });
    const world = await openDeliveries({ destinations: [dead, crmDestination] });
    const { fetch } = world.deps;
    let asked = 0;
    Object.assign(world.deps, {
      fetch: (url: string, init: RequestInit) => {
        if (url !== dead.url) return fetch(url, init);
        asked++;
        return Promise.reject(new Error("Network connection lost."));
      },
    });
    for (let nth = 0; nth < 1200; nth++) await world.decide();
    // Nobody was announced: the sweep finds all of them, for both.
    await world.minute(4);
    const first = asked;
    await world.minute(6);
    expect(world.crm.received).toHaveLength(1200);
    // Ten messages were under way when it was found out; since then one post a minute at most asks whether it is over.
    expect(first).toBeLessThanOrEqual(10 * 9 + 4);
    expect(asked - first).toBeLessThanOrEqual(6);
    expect(world.listed()).toHaveLength(1200);
    expect(world.listed().every(({ destination: key }) => key === "dead")).toBe(true);
  }, 30_000);
});
