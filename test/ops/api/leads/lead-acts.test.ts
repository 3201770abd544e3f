import { beforeEach, describe, expect, it } from "vitest";
import { NOW } from "../../../intake/api/fakes.ts";
import { Desk, leadId } from "../../../routing/desk.ts";
import { leadsApp } from "./leads-app.ts";

let desk: Desk;
let app: ReturnType<typeof leadsApp>;
let id: string;

beforeEach(async () => {
  desk = new Desk();
  for (const rep of ["bo", "cy"]) desk.addRep(rep);
  app = leadsApp(desk.deps);
  id = await desk.addLead(1);
});

const BODIES = {
  route: { force: true, reason: "wrong region" },
  assign: { ownerId: "cy", reason: "asked for cy" },
  close: { reason: "won" },
};

describe("what ops do to a lead", () => {
  it("is answered with what came of it", async () => {
    expect(await app.post(`/leads/${id}/route`, {})).toEqual({
      status: 202,
      body: { leadId: id, generation: 1 },
    });
    await desk.decide(id, "bo");
    expect(await app.post(`/leads/${id}/assign`, BODIES.assign)).toMatchObject({
      status: 200,
      body: {
        leadId: id,
        generation: 2,
        ownerId: "cy",
        decidedBy: "ana",
        trail: [{ kind: "manual" }],
      },
    });
    expect(await app.post(`/leads/${id}/close`, BODIES.close)).toEqual({
      status: 200,
      body: { leadId: id, generation: 2, closedAt: new Date(NOW).toISOString() },
    });
    await desk.decide(await desk.addLead(2), "bo");
    expect(await app.post(`/leads/${leadId(2)}/route`, BODIES.route)).toEqual({
      status: 202,
      body: { leadId: leadId(2), generation: 2 },
    });
  });

  it("does not re-route a decided lead unless forced: 409 says what stands and how", async () => {
    await desk.decide(id, "bo");
    const { status, body } = await app.post(`/leads/${id}/route`, {});
    expect(status).toBe(409);
    expect(body.detail).toBe(
      'Generation 1 stands: it is assigned to bo. Once assigned means assigned: to route it again, send "force": true with a reason.',
    );
  });

  it("is 409 while a re-route is under way, and says so", async () => {
    await desk.decide(id, null);
    await app.post(`/leads/${id}/route`, BODIES.route);
    for (const [act, body] of Object.entries(BODIES)) {
      const detail = "A re-route of the lead is under way. Generation 1 stands: it is unassigned.";
      expect(await app.post(`/leads/${id}/${act}`, body)).toMatchObject({
        status: 409,
        body: { detail },
      });
    }
  });

  it("is 409 for what is closed, erased, undecided or decided again, and says which", async () => {
    expect((await app.post(`/leads/${id}/close`, BODIES.close)).body.detail).toBe(
      "The lead is not decided yet.",
    );
    await desk.decide(id, "bo");
    const stale = { ...BODIES.assign, generation: 0 };
    expect((await app.post(`/leads/${id}/assign`, stale)).body.detail).toMatch(
      /decided again since you looked/,
    );
    await app.post(`/leads/${id}/close`, BODIES.close);
    expect((await app.post(`/leads/${id}/close`, BODIES.close)).body.detail).toMatch(
      /^The lead is closed\./,
    );
    expect((await app.post(`/leads/${id}/route`, BODIES.route)).body.detail).toMatch(
      /^The lead is closed\./,
    );
    desk.erase(id);
    const { status, body } = await app.post(`/leads/${id}/assign`, BODIES.assign);
    expect([status, body.detail]).toEqual([409, expect.stringMatching(/data was erased/)]);
  });

  it("is 404 where no lead is", async () => {
    for (const [act, body] of Object.entries(BODIES)) {
      expect(await app.post(`/leads/${leadId(9)}/${act}`, body)).toMatchObject({ status: 404 });
    }
  });

  it("is 422 for a rep who cannot take it, naming ownerId", async () => {
    const { status, body } = await app.post(`/leads/${id}/assign`, {
      ...BODIES.assign,
      ownerId: "nobody",
    });
    expect([status, body.errors[0].field]).toEqual([422, "ownerId"]);
  });

  it.each([
    ["route", { force: true }, "reason"],
    ["route", { force: true, reason: "  " }, "reason"],
    ["route", { force: true, reason: "x".repeat(501) }, "reason"],
    ["route", { force: "yes" }, "force"],
    ["route", { generation: 1.5 }, "generation"],
    ["route", { forced: true }, "forced"],
    ["assign", { reason: "fits" }, "ownerId"],
    ["assign", { ownerId: "cy" }, "reason"],
    ["assign", { ...BODIES.assign, generation: -1 }, "generation"],
    ["close", {}, "reason"],
  ])("is 422 for %s %j, naming %s", async (act, given, field) => {
    const { status, body } = await app.post(`/leads/${id}/${act}`, given);
    expect([status, body.errors.map((error: { field: string }) => error.field)]).toEqual([
      422,
      [field],
    ]);
  });

  it.each(["ask jane@acme.com", "call +49 30 123 45 67", "(030) 1234567"])(
    "keeps contacts out of the audit, which outlives an erasure: %s",
    async (reason) => {
      await desk.decide(id, null);
      const { status, body } = await app.post(`/leads/${id}/close`, { reason });
      expect([status, body.errors]).toEqual([422, [expect.objectContaining({ field: "reason" })]]);
      expect(desk.events()).toEqual([]);
    },
  );
});
