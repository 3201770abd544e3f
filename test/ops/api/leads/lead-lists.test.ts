import { beforeEach, describe, expect, it } from "vitest";
import { SCAN_LIMIT } from "../../../../src/record/lead-lists.ts";
import { NOW } from "../../../intake/api/fakes.ts";
import { Desk, leadId } from "../../../routing/desk.ts";
import { timelineApp } from "../audit/timeline-app.ts";

let desk: Desk;
let app: ReturnType<typeof timelineApp>;

beforeEach(() => {
  desk = new Desk({ now: () => NOW + 60_000 });
  for (const rep of ["bo", "cy"]) desk.addRep(rep);
  app = timelineApp(desk.deps);
});

/** The leads of all pages, as the numbers they were added by. */
async function listed(query: string): Promise<number[]> {
  const items = await app.readAll(`/leads?${query}`);
  return items.map(({ lead }) => Number.parseInt(lead.id.replace("-", "").slice(0, 12), 16) - NOW);
}

describe("GET /leads", () => {
  beforeEach(async () => {
    await desk.decide(await desk.addLead(1, { source: "webinar" }), "bo");
    await desk.decide(await desk.addLead(2, { source: "expo" }), "cy", {
      podId: "sdr",
      rule: "warm",
    });
    await desk.decide(await desk.addLead(3, { source: "expo" }), null);
    await desk.addLead(4, { source: "webinar" });
    await desk.decide(await desk.addLead(5, { source: "webinar" }), null);
    // What a lead was once does not count: it has another decision now.
    await desk.decide(await desk.addLead(6), "bo");
    await app.post(`/leads/${leadId(6)}/assign`, { ownerId: "cy", reason: "asked for cy" });
  });

  it.each([
    ["pod=dach", [1]],
    ["pod=sdr", [2]],
    ["rule=warm", [2]],
    ["rule=DACH", [1]],
    ["outcome=assigned", [6, 2, 1]],
    ["outcome=unassigned", [5, 3]],
    ["outcome=pending", [4]],
    ["source=webinar", [5, 4, 1]],
    ["source=Webinar", []],
    ["source=expo&outcome=unassigned", [3]],
    ["outcome=unassigned&email=jane@acme.test", [5, 3]],
    ["owner=cy", [6, 2]],
    ["owner=cy&pod=sdr", [2]],
    ["owner=bo&outcome=unassigned", []],
    ["owner=cy&email=jane@acme.test&rule=warm", [2]],
  ])("?%s finds leads by their newest decision", async (query, expected) => {
    for (const limit of [1, 2, 50]) {
      expect(await listed(`${query}&limit=${limit}`), query).toEqual(expected);
      const oldestFirst = await listed(`${query}&limit=${limit}&order=asc`);
      expect(oldestFirst, `${query} the other way`).toEqual(expected.toReversed());
    }
  });

  it("bounds what it finds by the time of arrival", async () => {
    const from = new Date(NOW + 3).toISOString();
    const to = new Date(NOW + 5).toISOString();
    expect(await listed(`outcome=unassigned&from=${from}`)).toEqual([5, 3]);
    expect(await listed(`outcome=unassigned&from=${from}&to=${to}`)).toEqual([3]);
    expect(await listed(`source=webinar&to=${to}`)).toEqual([4, 1]);
  });

  it("lists a lead once that was unassigned again and again, or came back to its owner, both ways", async () => {
    await desk.decide(await desk.addLead(7), null);
    desk.db.sqlite.exec(`
      INSERT INTO decisions SELECT lead_id, 2, 'unassigned', NULL, NULL, NULL, NULL, NULL, '', '[]', '', 0, 0, 9999, 1, ''
      FROM decisions WHERE lead_id = '${leadId(7)}';
      INSERT INTO decisions SELECT lead_id, 3, 'assigned', owner_id, day, NULL, NULL, NULL, '', '[]', '', 0, 0, 9999, 1, ''
      FROM decisions WHERE lead_id = '${leadId(6)}' AND generation = 1`);
    for (const limit of [1, 2, 50]) {
      expect(await listed(`outcome=unassigned&limit=${limit}`)).toEqual([7, 5, 3]);
      expect(await listed(`outcome=unassigned&limit=${limit}&order=asc`)).toEqual([3, 5, 7]);
      expect(await listed(`owner=bo&limit=${limit}`)).toEqual([6, 1]);
      expect(await listed(`owner=bo&limit=${limit}&order=asc`)).toEqual([1, 6]);
      expect(await listed(`owner=cy&limit=${limit}`)).toEqual([2]);
    }
  });

  it("looks at a bounded number of leads a page, and carries on past those that do not match", async () => {
    for (let n = 10; n < 10 + SCAN_LIMIT; n++) await desk.addLead(n, { source: "other" });
    const first = await app.get("/leads?source=expo");
    expect(first.json.items).toEqual([]);
    const second = await app.get(`/leads?source=expo&cursor=${first.json.nextCursor}`);
    expect([second.json.items.length, second.json.nextCursor]).toEqual([2, null]);
  });

  it("refuses a cursor of the other order", async () => {
    const { json } = await app.get("/leads?limit=1");
    const { status } = await app.get(`/leads?order=asc&cursor=${json.nextCursor}`);
    expect(status).toBe(400);
  });
});

describe("GET /leads as NDJSON", () => {
  it("holds every lead whole, as the pages have it, in either order", async () => {
    for (let n = 1; n <= 450; n++) await desk.addLead(n);
    await desk.decide(leadId(7), "bo");
    for (const order of ["asc", "desc"]) {
      const { lines, headers } = await app.getLines(`/leads?format=ndjson&order=${order}`);
      expect(lines).toEqual(await app.readAll(`/leads?order=${order}`));
      expect(lines).toHaveLength(450);
      expect(headers.get("content-type")).toBe("application/x-ndjson");
      expect(headers.get("content-disposition")).toBe(
        'attachment; filename="leads-2026-11-22.ndjson"',
      );
    }
  });

  it("keeps to the filters and to the span", async () => {
    for (const n of [1, 2, 3, 4]) await desk.decide(await desk.addLead(n), n % 2 ? "bo" : "cy");
    const span = `from=${new Date(NOW + 2).toISOString()}&to=${new Date(NOW + 4).toISOString()}`;
    const ids = async (query: string) =>
      (await app.getLines(`/leads?format=ndjson&${query}`)).lines.map(({ lead }) => lead.id);
    expect(await ids(`order=asc&${span}`)).toEqual([2, 3].map(leadId));
    expect(await ids("owner=bo")).toEqual([3, 1].map(leadId));
  });

  it("ends with those received before it began, though leads keep coming in", async () => {
    await desk.addLead(1);
    await desk.addLead(120_000);
    const { lines } = await app.getLines("/leads?format=ndjson&order=asc");
    expect(lines.map(({ lead }) => lead.id)).toEqual([leadId(1)]);
  });

  it("refuses a limit: the file would look whole", async () => {
    const { status, json } = await app.get("/leads?format=ndjson&limit=10");
    expect([status, json.errors[0].field]).toEqual([400, "limit"]);
  });
});
