import { beforeEach, describe, expect, it } from "vitest";
import { deriveEventId } from "../../../src/ops/api/idempotency.ts";
import type { Deps } from "../../../src/ports/deps.ts";
import { Desk, losingAnswerOf } from "../../routing/desk.ts";
import { apiClient, refusedFields } from "./api-client.ts";

const KEY = { "Idempotency-Key": "5f0c2f0e-1" };

/** Acts on a lead that is bo's, each with another body of the same act. */
const ACTS = [
  ["route", 202, { force: true, reason: "wrong region" }, { force: true, reason: "another" }],
  ["assign", 200, { ownerId: "cy", reason: "asked for cy" }, { ownerId: "di", reason: "asked" }],
  ["close", 200, { reason: "won" }, { reason: "lost" }],
  ["dispute", 200, { repId: "bo", note: "not mine" }, { repId: "bo", note: "never mine" }],
] as const;

let desk: Desk;
let id: string;
let now: number;
let call: ReturnType<typeof apiClient>;

beforeEach(async () => {
  now = Date.UTC(2026, 10, 22, 10);
  desk = new Desk({ now: () => now++ });
  for (const rep of ["bo", "cy", "di"]) desk.addRep(rep);
  id = await desk.addLead(1);
  await desk.decide(id, "bo");
  call = apiClient(desk.deps);
});

const everything = () => ({
  decisions: desk.select("SELECT * FROM decisions"),
  events: desk.select("SELECT * FROM events"),
  commits: desk.select("SELECT * FROM commits"),
});

describe.each(ACTS)("POST /leads/:id/%s with an Idempotency-Key", (act, granted, body, other) => {
  const path = () => `/leads/${id}/${act}`;

  it("sent again answers what the first answered, and changes nothing", async () => {
    const first = await call("POST", path(), body, KEY);
    expect(first.status).toBe(granted);
    const before = { ...everything(), pending: desk.pending() };
    const again = await call("POST", path(), body, KEY);
    expect([again.status, again.json]).toEqual([granted, first.json]);
    expect({ ...everything(), pending: desk.pending() }).toEqual(before);
    expect(before.events).toHaveLength(1);
  });

  it("answers what the first did, whatever became of the lead since", async () => {
    const first = await call("POST", path(), body, KEY);
    if (act === "route") await desk.decide(id, "cy", { generation: 2 });
    await call("POST", `/leads/${id}/assign`, { ownerId: "di", reason: "knows them" });
    await call("POST", `/leads/${id}/close`, { reason: "won" });
    desk.db.sqlite.exec("UPDATE reps SET active = 0 WHERE id IN ('bo', 'cy')");
    desk.erase(id);
    const before = everything();
    const again = await call("POST", path(), body, KEY);
    expect([again.status, again.json]).toEqual([granted, first.json]);
    expect(everything()).toEqual(before);
  });

  it("is done once by two that come at once, and both are answered the same", async () => {
    const both = await Promise.all([1, 2].map(() => call("POST", path(), body, KEY)));
    expect(both.map(({ status }) => status)).toEqual([granted, granted]);
    expect(both[1]?.json).toEqual(both[0]?.json);
    expect(desk.events()).toHaveLength(1);
  });

  it("is done once when the first answer was lost", async () => {
    const lossy: Deps = { ...desk.deps, db: losingAnswerOf(desk.db) };
    const over = apiClient(lossy);
    expect((await over("POST", path(), body, KEY)).status).toBe(500);
    const before = everything();
    expect(await over("POST", path(), body, KEY)).toMatchObject({ status: granted });
    expect(everything()).toEqual(before);
    expect(before.events).toHaveLength(1);
  });

  it("is 422 naming the key when it comes with another body", async () => {
    await call("POST", path(), body, KEY);
    const before = everything();
    const { status, json } = await call("POST", path(), other, KEY);
    expect([status, Object.keys(refusedFields(json))]).toEqual([422, ["Idempotency-Key"]]);
    expect(everything()).toEqual(before);
  });

  it("takes the same body however it is written", async () => {
    const first = await call("POST", path(), body, KEY);
    const written = JSON.stringify(Object.fromEntries(Object.entries(body).toReversed()), null, 2);
    expect(await call("POST", path(), written, KEY)).toMatchObject({
      status: granted,
      json: first.json,
    });
  });

  it("belongs to who sent it: the same key of somebody else is another", async () => {
    await call("POST", path(), body, KEY);
    const rolf = apiClient(desk.deps, "rolf:write:write-token");
    expect((await rolf("POST", path(), other, KEY)).json).not.toMatchObject({
      errors: [{ field: "Idempotency-Key" }],
    });
  });

  it("that was refused may be tried again", async () => {
    const lead = await desk.addLead(2);
    const onLead = `/leads/${lead}/${act}`;
    const wish = { ...body, ...(act === "route" && { generation: 1 }) };
    if (act === "assign") desk.db.sqlite.exec("UPDATE reps SET active = 0 WHERE id = 'cy'");
    expect((await call("POST", onLead, wish, KEY)).status).toBeGreaterThanOrEqual(400);
    desk.db.sqlite.exec("UPDATE reps SET active = 1");
    await desk.decide(lead, "bo", { claimSeq: 8 });
    expect((await call("POST", onLead, wish, KEY)).status).toBe(granted);
  });

  it("keeps a digest of the request in the audit, and no key", async () => {
    await call("POST", path(), body, KEY);
    const [event] = desk.select("SELECT id, detail FROM events");
    expect(event?.["id"]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-/);
    expect(JSON.parse(String(event?.["detail"]))).toMatchObject({
      request: expect.stringMatching(/^[0-9a-f]{16}$/),
    });
    expect(JSON.stringify(everything())).not.toContain("5f0c2f0e-1");
  });

  it.each(["", "two words", "x".repeat(256), "schlüssel"])("refuses the key %j", async (key) => {
    const { status, json } = await call("POST", path(), body, { "Idempotency-Key": key });
    expect([status, Object.keys(refusedFields(json))]).toEqual([400, ["Idempotency-Key"]]);
    expect(desk.events()).toEqual([]);
  });
});

describe("sending an undecided lead on its way again", () => {
  it.each([{}, { force: true, reason: "hurry" }])(
    "%j stays that when it is repeated once the lead is decided",
    async (body) => {
      const lead = await desk.addLead(2);
      const path = `/leads/${lead}/route`;
      const first = await call("POST", path, body, KEY);
      expect(first).toMatchObject({ status: 202, json: { leadId: lead, generation: 1 } });
      await desk.decide(lead, "cy", { claimSeq: 8 });
      const before = { ...everything(), pending: desk.pending() };
      const again = await call("POST", path, body, KEY);
      expect([again.status, again.json]).toEqual([202, first.json]);
      expect({ ...everything(), pending: desk.pending() }).toEqual(before);
      expect(desk.events()).toEqual(["routing_requested"]);
    },
  );

  it("is not recorded without a key: nothing depends on it", async () => {
    await call("POST", `/leads/${await desk.addLead(2)}/route`, {});
    expect(desk.events()).toEqual([]);
  });
});

describe("the id made from a key", () => {
  it("is another for another actor, act or key, and cannot be confused by where they part", () => {
    const ids = [
      ["ana", "leads/1/close", "k"],
      ["rolf", "leads/1/close", "k"],
      ["ana", "leads/1/route", "k"],
      ["ana", "leads/1/close", "l"],
      ["an", "aleads/1/close", "k"],
      ["ana", "leads/1/clos", "ek"],
    ].map(([actor = "", path = "", key = ""]) => deriveEventId(actor, path, key));
    expect(new Set(ids).size).toBe(ids.length);
  });
});
