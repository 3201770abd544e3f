import { beforeEach, describe, expect, it } from "vitest";
import { NOW } from "../../../intake/api/fakes.ts";
import { Desk, leadId } from "../../../routing/desk.ts";
import { leadsApp } from "./leads-app.ts";

let desk: Desk;
let app: ReturnType<typeof leadsApp>;

const WRONG = "bad0bad0bad0";
const FROM = new Date(NOW).toISOString();
const wish = (changes: object = {}, filter: object = {}) => ({
  filter: { from: FROM, chainVersion: WRONG, ...filter },
  reason: "the DACH rule was wrong",
  ...changes,
});
const forReal = { dryRun: false };

/** Leads 1 to `count`, each decided by the wrong rules. */
async function decideWrongly(count: number, ownerId: string | null = "bo"): Promise<void> {
  for (let n = 1; n <= count; n++) {
    await desk.decide(await desk.addLead(n), ownerId, { chainVersion: WRONG });
  }
}

const routed = (body: { rerouted: { leadId: string }[] }) =>
  body.rerouted.map(({ leadId: id }) => id);

beforeEach(() => {
  desk = new Desk();
  for (const rep of ["bo", "cy"]) desk.addRep(rep);
  app = leadsApp(desk.deps);
});

describe("a bulk re-route", () => {
  it("only looks unless told otherwise: nothing is written, nothing is sent", async () => {
    await decideWrongly(2);
    const { status, body } = await app.post("/route", wish());
    expect(status).toBe(200);
    expect(body).toMatchObject({
      dryRun: true,
      byOwner: { bo: 2 },
      byRule: { DACH: 2 },
      leftAlone: [],
      nextCursor: null,
    });
    expect(routed(body)).toEqual([leadId(1), leadId(2)]);
    expect([desk.pending(), desk.events(), desk.sent]).toEqual([[], [], []]);
  });

  it("asks for the next generation of each lead, names the bulk in its event and sends it on its way", async () => {
    await decideWrongly(2);
    const { body } = await app.post("/route", wish(forReal));
    expect(routed(body)).toEqual([leadId(1), leadId(2)]);
    expect(desk.sent).toEqual([
      { leadId: leadId(1), generation: 2 },
      { leadId: leadId(2), generation: 2 },
    ]);
    expect(desk.pending()).toEqual(["route 2", "route 2"]);
    const events = desk.select("SELECT actor, kind, detail ->> 'bulk' AS bulk FROM events");
    const asked = { actor: "ana", kind: "reroute_requested", bulk: body.bulk };
    expect(events).toEqual([asked, asked]);
  });

  it("takes only what the filter says", async () => {
    await decideWrongly(1);
    await desk.decide(await desk.addLead(2), "cy", { chainVersion: WRONG, rule: "hot" });
    await desk.decide(await desk.addLead(3, { source: "ads" }), null, { chainVersion: WRONG });
    await desk.decide(await desk.addLead(4), "bo");
    await desk.addLead(5);
    const takenBy = async (filter: object) =>
      routed((await app.post("/route", wish({}, filter))).body);
    expect(await takenBy({})).toEqual([leadId(1), leadId(2), leadId(3)]);
    expect(await takenBy({ owner: "cy" })).toEqual([leadId(2)]);
    expect(await takenBy({ rule: "DACH" })).toEqual([leadId(1)]);
    expect(await takenBy({ outcome: "unassigned" })).toEqual([leadId(3)]);
    expect(await takenBy({ source: "ads" })).toEqual([leadId(3)]);
    expect(await takenBy({ pod: "dach", owner: "bo" })).toEqual([leadId(1)]);
    expect(await takenBy({ from: new Date(NOW + 3).toISOString() })).toEqual([leadId(3)]);
    expect(await takenBy({ to: new Date(NOW + 2).toISOString() })).toEqual([leadId(1)]);
    expect(await takenBy({ chainVersion: "c0ffee" })).toEqual([leadId(4)]);
  });

  it("leaves alone what is closed, erased, on its way or a person's choice, and says so", async () => {
    await decideWrongly(3);
    await app.post(`/leads/${leadId(1)}/close`, { reason: "won" });
    await app.post(`/leads/${leadId(2)}/route`, { force: true, reason: "wrong region" });
    desk.erase(leadId(3));
    await desk.decide(await desk.addLead(4), "cy", {
      chainVersion: WRONG,
      rule: null,
      podId: null,
      claimSeq: null,
      decidedBy: "ana",
    });
    const { body } = await app.post("/route", wish(forReal));
    expect(body.rerouted).toEqual([]);
    expect(body.leftAlone).toEqual([
      { leadId: leadId(1), why: "closed" },
      { leadId: leadId(2), why: "under_way" },
      { leadId: leadId(3), why: "erased" },
      { leadId: leadId(4), why: "by_hand" },
    ]);
    const all = await app.post("/route", wish({ ...forReal, includeByHand: true }));
    expect(routed(all.body)).toEqual([leadId(4)]);
  });

  it("goes on step by step, and takes each lead once", async () => {
    await decideWrongly(5);
    const taken: string[] = [];
    let cursor: string | undefined;
    for (let step = 0; step < 5; step++) {
      const { body } = await app.post("/route", wish({ ...forReal, limit: 2, cursor }));
      taken.push(...routed(body));
      if (body.nextCursor === null) break;
      cursor = body.nextCursor;
    }
    expect(taken).toEqual([1, 2, 3, 4, 5].map(leadId));
    expect(desk.sent).toHaveLength(5);
  });

  it.each([
    ["for real where it only looked", { dryRun: false }, {}],
    ["with another filter", {}, { rule: "hot" }],
    ["with what people chose", { includeByHand: true }, {}],
  ])("does not go on %s", async (_, changes, filter) => {
    await decideWrongly(3);
    const { body: looked } = await app.post("/route", wish({ limit: 2 }));
    const cursor: string = looked.nextCursor;
    const refused = await app.post("/route", wish({ cursor, ...changes }, filter));
    expect([refused.status, refused.body.errors]).toEqual([
      400,
      [expect.objectContaining({ field: "cursor" })],
    ]);
    expect(desk.pending()).toEqual([]);
    const { body: last } = await app.post("/route", wish({ cursor, reason: "said anew" }));
    expect(routed(last)).toEqual([leadId(3)]);
  });

  it("re-routes a lead once, however often its first step is repeated and whatever rule decides again", async () => {
    await decideWrongly(1);
    const bulk = "6b1f0a52-6c59-4b0c-9d0e-2f7f5c0a9a11";
    const again = wish({ ...forReal, bulk }, { chainVersion: undefined, rule: "DACH" });
    expect(routed((await app.post("/route", again)).body)).toEqual([leadId(1)]);
    await desk.decide(leadId(1), "cy", { generation: 2 });
    const repeated = await app.post("/route", again);
    expect([repeated.status, routed(repeated.body)]).toEqual([200, []]);
    expect(desk.sent).toHaveLength(1);
  });

  it("twice at the same time re-routes each lead once", async () => {
    await decideWrongly(3);
    const both = await Promise.all([1, 2].map(() => app.post("/route", wish(forReal))));
    expect(both.flatMap(({ body }) => routed(body)).toSorted()).toEqual([1, 2, 3].map(leadId));
    expect(desk.pending()).toEqual(["route 2", "route 2", "route 2"]);
  });

  it("leaves what could not be sent to the sweep", async () => {
    desk = new Desk({ leads: { send: () => Promise.reject(new Error("the queue is away")) } });
    desk.addRep("bo");
    app = leadsApp(desk.deps);
    await decideWrongly(1);
    expect(routed((await app.post("/route", wish(forReal))).body)).toEqual([leadId(1)]);
    expect(desk.pending()).toEqual(["route 2"]);
    expect(desk.logged).toContain("bulk_reroute_left_to_sweep");
  });

  it.each([
    [{ reason: "x" }, "filter"],
    [{ filter: {}, reason: "x" }, "filter.from"],
    [wish({ reason: "call +49 30 1234567" }), "reason"],
    [wish({ limit: 101 }), "limit"],
    [wish({ dryRun: "no" }), "dryRun"],
    [wish({ bulk: "mine" }), "bulk"],
    [wish({}, { rulez: "DACH" }), "filter.rulez"],
    [wish({ cursor: "bm9uc2Vuc2U" }), "cursor"],
  ])("refuses %j, naming %s", async (body, field) => {
    const refused = await app.post("/route", body);
    expect([400, 422]).toContain(refused.status);
    expect(refused.body.errors).toEqual(
      expect.arrayContaining([expect.objectContaining({ field })]),
    );
    expect(desk.sent).toEqual([]);
  });
});
