import { beforeEach, describe, expect, it } from "vitest";
import { SCAN_LIMIT } from "../../../../src/record/lead-lists.ts";
import { NOW } from "../../../intake/api/fakes.ts";
import { Desk, leadId } from "../../../routing/desk.ts";
import { leadsApp } from "./leads-app.ts";

let desk: Desk;
let app: ReturnType<typeof leadsApp>;

beforeEach(() => {
  desk = new Desk();
  for (const rep of ["bo", "cy"]) desk.addRep(rep);
  app = leadsApp(desk.deps);
});

interface Item {
  lead: { id: string };
}

const iso = (milliseconds: number) => new Date(milliseconds).toISOString();

/** All pages of a list, as the ids of their leads. */
async function readPages(path: string): Promise<string[][]> {
  const pages: string[][] = [];
  let cursor: string | null = "";
  while (cursor !== null) {
    const carryOn: string = cursor && `${path.includes("?") ? "&" : "?"}cursor=${cursor}`;
    const { status, body } = await app.get(path + carryOn);
    expect(status).toBe(200);
    pages.push(body.items.map(({ lead }: Item) => lead.id));
    cursor = body.nextCursor;
  }
  return pages;
}

describe("GET /leads/:id", () => {
  it("tells the whole story: lead, decisions with trails, events", async () => {
    const id = await desk.addLead(0);
    await desk.decide(id, "bo");
    const { status, body } = await app.get(`/leads/${id}`);
    expect(status).toBe(200);
    expect(body.lead).toEqual({
      id,
      receivedAt: iso(NOW),
      email: "jane@acme.test",
      phone: "+49 30 123456",
      name: "Jane Doe",
      company: "Acme",
      companyDomain: "acme.test",
      countryCode: "DE",
      region: "Berlin",
      source: "referral",
      score: 87.5,
      fields: { message: "Hello", tags: ["a", "b"] },
      erasedAt: null,
      state: "assigned",
      ownerId: "bo",
      summary: "Assigned to bo 1.2 s after it came in: bo was next in dach.",
    });
    expect(body.decisions).toEqual([
      {
        leadId: id,
        generation: 1,
        outcome: "assigned",
        rule: "DACH",
        podId: "dach",
        claimSeq: 7,
        ownerId: "bo",
        reason: "bo was next in dach.",
        trail: [
          { rule: "DACH", kind: "territory", outcome: "matched", reason: "the country is DE" },
        ],
        chainVersion: "c0ffee",
        decidedAt: iso(NOW + 1_200),
        committedAt: iso(NOW),
        decidedBy: "router",
      },
    ]);
    expect(body.events).toEqual([]);
  });

  it("follows the lead through its states", async () => {
    const id = await desk.addLead(0);
    const story = async () => (await app.get(`/leads/${id}`)).body;
    expect((await story()).lead).toMatchObject({
      state: "pending",
      ownerId: null,
      summary: "Came in and waits to be routed.",
    });

    await desk.decide(id, null);
    expect((await story()).lead).toMatchObject({
      state: "unassigned",
      summary: "Nobody got it 1.2 s after it came in: No rule found a rep: none matched.",
    });

    await app.post(`/leads/${id}/route`, { force: true, reason: "cy is back" });
    expect((await story()).lead).toMatchObject({
      state: "pending",
      summary: expect.stringMatching(
        /^Being routed again, as ana asked: cy is back\. Until then: Nobody got it/,
      ),
    });

    await desk.decide(id, "cy", { generation: 2, decidedAt: NOW + 3 * 60_000 });
    expect((await story()).lead.summary).toBe(
      "Assigned to cy 3 min after it came in: cy was next in dach.",
    );

    await app.post(`/leads/${id}/close`, { reason: "Won!" });
    const { lead, decisions, events } = await story();
    expect(lead).toMatchObject({ state: "closed", ownerId: "cy" });
    expect(lead.summary).toMatch(/^Closed by ana: Won! Before that: Assigned to cy/);
    expect(decisions.map(({ generation }: { generation: number }) => generation)).toEqual([1, 2]);
    expect(events).toEqual([
      {
        id: expect.any(String),
        leadId: id,
        generation: 2,
        kind: "reroute_requested",
        actor: "ana",
        occurredAt: iso(NOW),
        detail: { reason: "cy is back", excludeOwner: true },
      },
      expect.objectContaining({ generation: 2, kind: "closed", detail: { reason: "Won!" } }),
    ]);
  });

  it("knows a lead by the alias its caller was given, for reading and for acting", async () => {
    const id = await desk.addLead(0);
    await desk.decide(id, "bo");
    desk.db.sqlite.exec(`INSERT INTO lead_aliases (id, lead_id) VALUES ('${leadId(5)}', '${id}')`);
    const { body } = await app.get(`/leads/${leadId(5)}`);
    expect([body.lead.id, body.decisions.length]).toEqual([id, 1]);
    const closed = await app.post(`/leads/${leadId(5)}/close`, { reason: "won" });
    expect(closed).toEqual({
      status: 200,
      body: { leadId: id, generation: 1, closedAt: iso(NOW) },
    });
  });

  it("answers 404 where no lead is", async () => {
    expect(await app.get(`/leads/${leadId(1)}`)).toMatchObject({
      status: 404,
      body: { title: "not found" },
    });
  });
});

describe("GET /leads", () => {
  it("lists the newest first, each with its newest decision in short", async () => {
    const [first, second] = [await desk.addLead(1), await desk.addLead(2)];
    await desk.decide(first, null);
    await app.post(`/leads/${first}/assign`, { ownerId: "cy", reason: "asked for cy" });
    const { body } = await app.get("/leads");
    expect(body.nextCursor).toBeNull();
    expect(body.items).toMatchObject([
      { lead: { id: second }, decision: null },
      { lead: { id: first } },
    ]);
    expect(body.items[1].decision).toEqual({
      generation: 2,
      outcome: "assigned",
      ownerId: "cy",
      podId: null,
      rule: null,
      decidedAt: iso(NOW),
    });
    expect(Object.keys(body.items[0].lead)).toContain("fields");
  });

  it("pages without losing or repeating a lead, though new ones come in meanwhile", async () => {
    for (const n of [1, 2, 3, 4, 5]) await desk.addLead(n);
    const { body } = await app.get("/leads?limit=2");
    await desk.addLead(6);
    const next = await app.get(`/leads?limit=2&cursor=${body.nextCursor}`);
    expect([body, next.body].map(({ items }) => items.map(({ lead }: Item) => lead.id))).toEqual([
      [5, 4].map(leadId),
      [3, 2].map(leadId),
    ]);
    expect(await readPages("/leads?limit=3")).toEqual([
      [6, 5, 4].map(leadId),
      [3, 2, 1].map(leadId),
    ]);
  });

  it("finds by e-mail, however it is spelt", async () => {
    await desk.addLead(1, { email: "jane@acme.test" });
    await desk.addLead(2, { email: "joe@acme.test" });
    await desk.addLead(3, { email: "jane@acme.test" });
    expect(await readPages("/leads?limit=1&email=Jane@ACME.test")).toEqual([
      [leadId(3)],
      [leadId(1)],
    ]);
  });

  it("bounds the time of arrival: from inclusive, to exclusive", async () => {
    for (const n of [0, 1000, 2000, 3000]) await desk.addLead(n);
    const span = `from=${iso(NOW + 1000)}&to=${iso(NOW + 3000)}`;
    expect(await readPages(`/leads?${span}`)).toEqual([[2000, 1000].map(leadId)]);
    expect(await readPages(`/leads?${span}&email=jane@acme.test`)).toEqual([
      [2000, 1000].map(leadId),
    ]);
  });

  it("finds what a rep has now, not what somebody else got since", async () => {
    for (const n of [1, 2, 3, 4]) await desk.decide(await desk.addLead(n), n === 4 ? "cy" : "bo");
    await app.post(`/leads/${leadId(2)}/assign`, { ownerId: "cy", reason: "asked for cy" });
    await app.post(`/leads/${leadId(3)}/assign`, { ownerId: "cy", reason: "asked for cy" });
    await app.post(`/leads/${leadId(3)}/assign`, { ownerId: "bo", reason: "no, bo" });
    expect(await readPages("/leads?limit=1&owner=bo")).toEqual([[leadId(3)], [leadId(1)]]);
    expect(await readPages("/leads?limit=1&owner=cy")).toEqual([[leadId(4)], [leadId(2)]]);
    expect(await readPages("/leads?owner=cy&email=jane@acme.test")).toEqual([[4, 2].map(leadId)]);
    expect(await readPages(`/leads?owner=cy&from=${iso(NOW + 3)}`)).toEqual([[leadId(4)]]);
  });

  it("lists a rep's leads of many days, none twice and none lost, days being equal or not", async () => {
    const days = ["2026-11-20", "2026-11-22", "2026-11-21", "2026-11-22", "2026-11-22"];
    for (const [n, day] of days.entries()) await desk.decide(await desk.addLead(n), "bo", { day });
    const expected = [4, 3, 1, 2, 0].map(leadId);
    for (const limit of [1, 2, 3]) {
      expect((await readPages(`/leads?owner=bo&limit=${limit}`)).flat()).toEqual(expected);
    }
  });

  it("looks at a bounded number of a rep's leads a page, and carries on", async () => {
    const id = await desk.addLead(1);
    await desk.decide(id, "bo", { day: "2026-11-01" });
    const given = Array.from({ length: SCAN_LIMIT + 1 }, (_, n) => n + 2);
    for (const n of given) await desk.decide(await desk.addLead(n), "bo");
    desk.db.sqlite.exec(`
      INSERT INTO decisions SELECT lead_id, 2, 'unassigned', NULL, NULL, NULL, NULL, NULL, '', '[]', '', 0, 0, 9999, 1, ''
      FROM decisions WHERE lead_id <> '${id}'`);
    const pages = await readPages("/leads?owner=bo");
    expect(pages).toEqual([[], [id]]);
  });

  it.each([
    ["colour=red", "colour"],
    ["order=up", "order"],
    ["outcome=won", "outcome"],
    ["format=csv", "format"],
    ["limit=0", "limit"],
    ["limit=201", "limit"],
    ["limit=ten", "limit"],
    ["from=yesterday", "from"],
    ["owner=", "owner"],
    ["email=a&email=b", "email"],
    ["cursor=made-up", "cursor"],
  ])("refuses ?%s and names the parameter", async (query, field) => {
    const { status, body } = await app.get(`/leads?${query}`);
    expect([status, body.errors.map((error: { field: string }) => error.field)]).toEqual([
      400,
      [field],
    ]);
  });

  it("refuses the cursor of another list", async () => {
    for (const n of [1, 2]) await desk.addLead(n);
    const { body } = await app.get("/leads?limit=1");
    expect(await app.get(`/leads?owner=bo&cursor=${body.nextCursor}`)).toMatchObject({
      status: 400,
    });
    expect(await app.get(`/unassigned?cursor=${body.nextCursor}`)).toMatchObject({ status: 400 });
  });
});

describe("GET /unassigned", () => {
  it("lists the oldest first, each with its reason and trail", async () => {
    for (const n of [2, 1]) await desk.decide(await desk.addLead(n), null);
    const { body } = await app.get("/unassigned");
    expect(body.nextCursor).toBeNull();
    expect(body.items.map(({ lead }: Item) => lead.id)).toEqual([1, 2].map(leadId));
    expect(body.items[0].lead).toMatchObject({ email: "jane@acme.test", receivedAt: iso(NOW + 1) });
    expect(body.items[0].decision).toMatchObject({
      leadId: leadId(1),
      outcome: "unassigned",
      reason: "No rule found a rep: none matched.",
      trail: [{ rule: "DACH" }],
      decidedAt: iso(NOW + 1_200),
    });
  });

  it("leaves out what is assigned since, closed or erased, and keeps what is being re-routed", async () => {
    for (const n of [1, 2, 3, 4, 5]) await desk.decide(await desk.addLead(n), null);
    await desk.decide(await desk.addLead(6), "bo");
    await app.post(`/leads/${leadId(1)}/assign`, { ownerId: "cy", reason: "fits" });
    await app.post(`/leads/${leadId(2)}/close`, { reason: "spam" });
    await app.post(`/leads/${leadId(3)}/route`, { force: true, reason: "try again" });
    desk.erase(leadId(4));
    expect(await readPages("/unassigned?limit=1")).toEqual([[leadId(3)], [leadId(5)]]);
  });

  it("lists a lead that found nobody twice once, with its newest reason, wherever the page ends", async () => {
    for (const n of [1, 2, 3]) await desk.decide(await desk.addLead(n), null);
    await app.post(`/leads/${leadId(2)}/route`, { force: true, reason: "try again" });
    await desk.decide(leadId(2), null, { generation: 2, reason: "Still nobody." });
    for (const limit of [1, 2, 3]) {
      expect((await readPages(`/unassigned?limit=${limit}`)).flat()).toEqual([1, 2, 3].map(leadId));
    }
    const { body } = await app.get("/unassigned");
    expect(body.items[1].decision).toMatchObject({ generation: 2, reason: "Still nobody." });
  });

  it("looks at a bounded number of decisions a page, and carries on past those resolved, mid-lead too", async () => {
    const last = SCAN_LIMIT + 1;
    for (let n = 1; n <= last; n++) await desk.decide(await desk.addLead(n), null);
    desk.db.sqlite.exec(`
      INSERT INTO decisions SELECT lead_id, 2, 'assigned', 'bo', '2026-11-22', NULL, NULL, NULL, '', '[]', '', 0, 0, 9999, 1, ''
      FROM decisions WHERE lead_id < '${leadId(SCAN_LIMIT)}';
      INSERT INTO decisions SELECT lead_id, 2, 'unassigned', NULL, NULL, NULL, NULL, NULL, '', '[]', '', 0, 0, 9999, 1, ''
      FROM decisions WHERE lead_id = '${leadId(SCAN_LIMIT)}'`);
    expect(await readPages("/unassigned")).toEqual([[], [leadId(SCAN_LIMIT), leadId(last)]]);
  });

  it("refuses a parameter it does not have", async () => {
    expect(await app.get("/unassigned?owner=bo")).toMatchObject({
      status: 400,
      body: { errors: [{ field: "owner" }] },
    });
  });
});

describe("the lists' scans", () => {
  it("are served by indexes, never by the whole table", async () => {
    const seen: string[] = [];
    const watched: D1Database = {
      prepare: (sql) => {
        seen.push(sql);
        return desk.db.prepare(sql);
      },
      batch: (statements) => desk.db.batch(statements),
      exec: (sql) => desk.db.exec(sql),
      withSession: () => desk.db.withSession(),
      dump: () => desk.db.dump(),
    };
    const watching = leadsApp({ ...desk.deps, db: watched });
    const planOf = async (path: string) => {
      seen.length = 0;
      await watching.get(path);
      const bound = seen.map((sql) => sql.replaceAll(/LIMIT \?/g, "LIMIT 1").replaceAll("?", "''"));
      return bound.flatMap((sql) =>
        desk.select(`EXPLAIN QUERY PLAN ${sql}`).map(({ detail }) => String(detail)),
      );
    };
    const cursor = btoa(JSON.stringify(["leads-desc", leadId(1)]));
    const served = {
      "/leads?owner=bo": "decisions_by_owner (owner_id=?",
      "/leads?email=jane@acme.test": "leads_by_email (email=?",
      "/leads?outcome=unassigned": "decisions_unassigned",
      "/unassigned": "decisions_unassigned ((lead_id,generation)>(?,?)",
      [`/leads?from=${iso(NOW)}&cursor=${cursor}`]: "SEARCH l USING PRIMARY KEY (id>? AND id<?)",
    };
    for (const [path, index] of Object.entries(served)) {
      const plan = await planOf(path);
      expect(plan.join("\n"), path).toContain(index);
      // Only what was scanned in bounded number is gone through whole, never a table.
      expect(
        plan.filter(
          (step) => /^SCAN [lden]\b/.test(step) && !step.includes("decisions_unassigned"),
        ),
        path,
      ).toEqual([]);
    }
  });
});
