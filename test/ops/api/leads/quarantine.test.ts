import { describe, expect, it } from "vitest";
import { NOW } from "../../../intake/api/fakes.ts";
import { DAY, Ward } from "../../../intake/quarantine/ward.ts";
import { apiClient, READER, refusedFields } from "../api-client.ts";

const iso = (instant: number) => new Date(instant).toISOString();

function open() {
  const ward = new Ward();
  return { ward, call: apiClient(ward.deps) };
}

type Listed = { items: { lead: { id: string } }[]; nextCursor: string | null };

describe("GET /quarantine", () => {
  it("lists what waits, newest first, as the lead it would be", async () => {
    const { ward, call } = open();
    const older = await ward.take();
    ward.now += 1;
    const newer = await ward.take(
      { email: null },
      { door: "form:demo", reason: "captcha:unreachable" },
    );
    const { status, json } = await call("GET", "/quarantine");
    expect(status).toBe(200);
    expect(json).toMatchObject({
      items: [
        { lead: { id: newer, email: null }, door: "form:demo", reason: "captcha:unreachable" },
        {
          lead: {
            id: older,
            receivedAt: iso(NOW),
            email: "jane@acme.test",
            fields: { message: "Hello", tags: ["a", "b"] },
            erasedAt: null,
          },
          door: "form:contact",
          reason: "honeypot:_gotcha",
          expiresAt: iso(NOW + 30 * DAY),
        },
      ],
      nextCursor: null,
    });
  });

  it("shows neither what was released or thrown away, nor what has expired; no list of leads shows what waits", async () => {
    const { ward, call } = open();
    const expired = await ward.take();
    ward.now += DAY;
    const [released, discarded, waiting] = [
      await ward.take({ name: "A" }),
      await ward.take({ name: "B" }),
      await ward.take({ name: "C" }),
    ];
    await call("POST", `/quarantine/${released}/release`, { reason: "a person" });
    await call("DELETE", `/quarantine/${discarded}`);
    ward.now = NOW + 30 * DAY;
    const { items } = (await call("GET", "/quarantine")).json as Listed;
    expect(items.map(({ lead }) => lead.id)).toEqual([waiting]);
    const leads = (await call("GET", "/leads")).json as Listed;
    expect(leads.items.map(({ lead }) => lead.id)).toEqual([released]);
    expect((await call("GET", `/leads/${expired}`)).status).toBe(404);
  });

  it("filters by door, reason and time, which is inclusive at its start and exclusive at its end", async () => {
    const { ward, call } = open();
    const first = await ward.take();
    ward.now += 1000;
    const second = await ward.take({}, { door: "form:demo" });
    ward.now += 1000;
    const third = await ward.take({ name: "C" }, { reason: "captcha:missing" });
    const list = async (query: string) =>
      ((await call("GET", `/quarantine?${query}`)).json as Listed).items.map(({ lead }) => lead.id);
    expect(await list("door=form:demo")).toEqual([second]);
    expect(await list("reason=captcha:missing")).toEqual([third]);
    expect(await list("reason=captcha:missing&door=form:demo")).toEqual([]);
    expect(await list(`from=${iso(NOW + 1000)}`)).toEqual([third, second]);
    expect(await list(`to=${iso(NOW + 1000)}`)).toEqual([first]);
    expect(await list(`from=${iso(NOW + 1000)}&to=${iso(NOW + 2000)}`)).toEqual([second]);
  });

  it("pages over all of it once, also past more of others than a page looks at", async () => {
    const { ward, call } = open();
    const wanted: string[] = [];
    for (let n = 0; n < 1_300; n++) {
      ward.now += 1;
      const door = n % 325 === 0 ? "form:demo" : "form:contact";
      const id = await ward.take({ name: `N ${n}` }, { door });
      if (door === "form:demo") wanted.unshift(id);
    }
    const found: string[] = [];
    let pages = 0;
    for (let cursor: string | null = ""; cursor !== null; pages++) {
      const query = `door=form:demo&limit=3${cursor && `&cursor=${cursor}`}`;
      const page = (await call("GET", `/quarantine?${query}`)).json as Listed;
      found.push(...page.items.map(({ lead }) => lead.id));
      cursor = page.nextCursor;
    }
    expect(found).toEqual(wanted);
    expect(pages).toBe(3);
  });

  it("looks at the rows by their key, and sorts nothing", () => {
    const plan = new Ward().select(`
      EXPLAIN QUERY PLAN SELECT id FROM quarantine WHERE id >= 'a' AND id < 'b' ORDER BY id DESC LIMIT 500`);
    expect(plan.map(({ detail }) => detail)).toEqual([
      "SEARCH quarantine USING PRIMARY KEY (id>? AND id<?)",
    ]);
  });

  it("refuses another list's cursor and what it does not know", async () => {
    const { call } = open();
    const leads = btoa(JSON.stringify(["leads-desc", "x"]));
    expect(refusedFields((await call("GET", `/quarantine?cursor=${leads}`)).json)).toHaveProperty(
      "cursor",
    );
    expect(refusedFields((await call("GET", "/quarantine?email=x")).json)).toHaveProperty("email");
  });
});

describe("POST /quarantine/:id/release and DELETE /quarantine/:id", () => {
  const why = { reason: "a person" };

  it("release answers the lead, whose story tells of it, and twice the same", async () => {
    const { ward, call } = open();
    const id = await ward.take();
    ward.now += DAY;
    const first = await call("POST", `/quarantine/${id}/release`, why);
    expect(first).toMatchObject({
      status: 200,
      json: { leadId: id, releasedAt: iso(NOW + DAY), releasedBy: "ana" },
    });
    ward.now += DAY;
    const { status, json } = await call("POST", `/quarantine/${id}/release`, why);
    expect([status, json]).toEqual([200, first.json]);
    expect((await call("GET", `/leads/${id}`)).json).toMatchObject({
      lead: { id, receivedAt: iso(NOW), state: "pending" },
      events: [{ kind: "released", actor: "ana", detail: { quarantinedFor: "honeypot:_gotcha" } }],
    });
  });

  it("a reason is asked for, and holds no contact: the audit keeps it", async () => {
    const { ward, call } = open();
    const id = await ward.take();
    for (const body of [{}, { reason: "call jane@acme.test" }, { reason: "+49 30 1234567" }]) {
      const { status, json } = await call("POST", `/quarantine/${id}/release`, body);
      expect([status, Object.keys(refusedFields(json))]).toEqual([422, ["reason"]]);
    }
    expect(ward.ids("leads")).toEqual([]);
  });

  it("what was thrown away is gone for good, and the audit shows who did it", async () => {
    const { ward, call } = open();
    const id = await ward.take();
    expect((await call("DELETE", `/quarantine/${id}`)).status).toBe(204);
    expect((await call("DELETE", `/quarantine/${id}`)).status).toBe(204);
    expect((await call("POST", `/quarantine/${id}/release`, why)).status).toBe(409);
    expect((await call("GET", "/audit?subject=quarantine")).json).toMatchObject({
      items: [{ kind: "discarded", subjectId: id, leadId: null, actor: "ana" }],
    });
  });

  it("what is a lead is erased as a lead; what is unknown is not found; a reader may only look", async () => {
    const { ward, call } = open();
    const id = await ward.take();
    const reader = { Authorization: READER };
    for (const [method, path] of [
      ["POST", `/quarantine/${id}/release`],
      ["DELETE", `/quarantine/${id}`],
    ] as const)
      expect((await call(method, path, why, reader)).status).toBe(403);
    expect((await call("GET", "/quarantine", undefined, reader)).status).toBe(200);
    await call("POST", `/quarantine/${id}/release`, why);
    expect((await call("DELETE", `/quarantine/${id}`)).status).toBe(409);
    expect((await call("POST", "/quarantine/nobody/release", why)).status).toBe(404);
    expect((await call("DELETE", "/quarantine/nobody")).status).toBe(404);
  });
});
