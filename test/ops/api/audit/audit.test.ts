import { parse } from "csv-parse/sync";
import { beforeEach, describe, expect, it } from "vitest";
import { timelineItem } from "../../../../src/ops/api/audit/audit-items.ts";
import { NOW } from "../../../intake/api/fakes.ts";
import { Desk, leadId } from "../../../routing/desk.ts";
import { timelineApp } from "./timeline-app.ts";

let desk: Desk;
let app: ReturnType<typeof timelineApp>;

beforeEach(async () => {
  desk = new Desk();
  desk.addRep("bo");
  app = timelineApp(desk.deps);
});

const iso = (milliseconds: number) => new Date(milliseconds).toISOString();

/** Leads, each decided in a commit of its own. */
async function decideLeads(count: number, first = 1): Promise<void> {
  for (let n = first; n < first + count; n++) await desk.decide(await desk.addLead(n), "bo");
}

describe("GET /audit", () => {
  it("tells decisions and events in one shape each, the newest first", async () => {
    await decideLeads(1);
    await app.post(`/leads/${leadId(1)}/close`, { reason: "won" });
    const { status, json } = await app.get("/audit");
    expect(status).toBe(200);
    expect(json).toEqual({
      items: [
        {
          commitNo: 2,
          at: iso(NOW),
          type: "event",
          id: expect.any(String),
          subjectType: "lead",
          subjectId: leadId(1),
          leadId: leadId(1),
          generation: 1,
          kind: "closed",
          actor: "ana",
          occurredAt: iso(NOW),
          detail: { reason: "won" },
        },
        {
          commitNo: 1,
          at: iso(NOW),
          type: "decision",
          leadId: leadId(1),
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
      ],
      nextCursor: null,
    });
    for (const item of json.items) expect(timelineItem.safeParse(item).error).toBeUndefined();
  });

  it("pages back to the beginning, untouched by what is written meanwhile", async () => {
    await decideLeads(5);
    const first = (await app.get("/audit?limit=2")).json;
    await decideLeads(3, 6);
    const second = (await app.get(`/audit?limit=2&cursor=${first.nextCursor}`)).json;
    const third = (await app.get(`/audit?limit=2&cursor=${second.nextCursor}`)).json;
    const numbers = [first, second, third].map(({ items }) =>
      items.map(({ commitNo }: { commitNo: number }) => commitNo),
    );
    expect([numbers, third.nextCursor]).toEqual([[[5, 4], [3, 2], [1]], null]);
  });

  it("is followed by its last cursor: null only says that nothing is new", async () => {
    await decideLeads(3);
    const seen: number[] = [];
    let cursor = "";
    const poll = async () => {
      const { json } = await app.get(`/audit?order=asc&limit=2${cursor && `&cursor=${cursor}`}`);
      seen.push(...json.items.map(({ commitNo }: { commitNo: number }) => commitNo));
      cursor = json.nextCursor ?? cursor;
      return json.nextCursor !== null;
    };
    expect([await poll(), await poll(), await poll(), await poll()]).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(seen).toEqual([1, 2, 3]);
    await decideLeads(2, 4);
    expect([await poll(), await poll()]).toEqual([true, false]);
    expect(seen).toEqual([1, 2, 3, 4, 5]);
  });

  it("is followed past what the filter leaves out, without looking at it again", async () => {
    await decideLeads(3);
    const { json } = await app.get("/audit?order=asc&kind=closed");
    expect([json.items, json.nextCursor]).toEqual([[], expect.any(String)]);
    const next = await app.get(`/audit?order=asc&kind=closed&cursor=${json.nextCursor}`);
    expect(next.json).toEqual({ items: [], nextCursor: null });
  });

  it("knows its filters by name", async () => {
    await decideLeads(2);
    await app.post(`/leads/${leadId(1)}/close`, { reason: "won" });
    const count = async (query: string) => (await app.get(`/audit?${query}`)).json.items.length;
    expect(await count(`lead=${leadId(1)}`)).toBe(2);
    expect(await count("kind=closed,notified")).toBe(1);
    expect(await count("subject=lead&type=decision&owner=bo&pod=dach&rule=DACH")).toBe(2);
    expect(await count("outcome=assigned&chainVersion=c0ffee&actor=router")).toBe(2);
    expect(await count(`actor=ana&from=${iso(NOW)}&to=${iso(NOW + 1)}`)).toBe(1);
    expect(await count(`to=${iso(NOW)}`)).toBe(0);
  });

  it.each([
    ["kind=closed&rule=DACH", "kind"],
    ["type=event&outcome=assigned", "type"],
    ["type=decision&kind=closed", "kind"],
    ["subject=rep&chainVersion=c0ffee", "subject"],
    ["kind=Closed!", "kind"],
    [`kind=${Array(21).fill("a").join(",")}`, "kind"],
    ["order=up", "order"],
    ["format=xml", "format"],
    ["from=yesterday", "from"],
    ["cursor=made-up", "cursor"],
    ["limit=0", "limit"],
    ["colour=red", "colour"],
    ["format=csv&limit=10", "limit"],
  ])("refuses ?%s and names the parameter", async (query, field) => {
    const { status, json } = await app.get(`/audit?${query}`);
    expect([status, json.errors.map((error: { field: string }) => error.field)]).toEqual([
      400,
      [field],
    ]);
  });

  it("refuses a cursor of the other direction, and takes a made-up place for what it is", async () => {
    await decideLeads(2);
    const { json } = await app.get("/audit?limit=1");
    expect((await app.get(`/audit?order=asc&cursor=${json.nextCursor}`)).status).toBe(400);
    for (const [no, place] of [
      [Number.MAX_SAFE_INTEGER, 99],
      [-5, -5],
      [1, Number.MAX_SAFE_INTEGER],
    ]) {
      for (const order of ["asc", "desc"]) {
        const cursor = btoa(JSON.stringify([`audit-${order}`, no, place])).replaceAll("=", "");
        expect((await app.get(`/audit?order=${order}&cursor=${cursor}`)).status).toBe(200);
      }
    }
  });
});

describe("the form of GET /audit", () => {
  it.each([
    [undefined, undefined, "application/json"],
    ["*/*", undefined, "application/json"],
    ["text/html,application/xhtml+xml,*/*;q=0.8", undefined, "application/json"],
    ["image/png", undefined, "application/json"],
    ["text/csv", undefined, "text/csv; charset=utf-8; header=present"],
    ["TEXT/CSV; charset=utf-8", undefined, "text/csv; charset=utf-8; header=present"],
    ["text/*", undefined, "text/csv; charset=utf-8; header=present"],
    ["*/*, application/x-ndjson", undefined, "application/x-ndjson"],
    ["application/json;q=0.1, application/x-ndjson;q=0.5", undefined, "application/x-ndjson"],
    ["text/csv;q=0, application/json;q=0.1", undefined, "application/json"],
    ["text/csv", "json", "application/json"],
    ["application/json", "csv", "text/csv; charset=utf-8; header=present"],
    [undefined, "ndjson", "application/x-ndjson"],
  ])("by Accept: %s and ?format=%s is %s", async (accept, format, expected) => {
    const headers = accept === undefined ? {} : { Accept: accept };
    const response = await app.fetch(`/audit${format ? `?format=${format}` : ""}`, headers);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe(expected);
    expect(response.headers.get("vary")).toBe("Accept");
    await response.text();
  });
});

describe("the audit as a file", () => {
  it("holds as NDJSON all that the pages hold, in either order, under a name with the date", async () => {
    await decideLeads(300);
    await app.post(`/leads/${leadId(1)}/close`, { reason: "won" });
    for (const order of ["asc", "desc"]) {
      const { lines, headers } = await app.getLines(`/audit?format=ndjson&order=${order}`);
      expect(lines).toHaveLength(301);
      expect(lines).toEqual(await app.readAll(`/audit?order=${order}&limit=200`));
      expect(headers.get("content-disposition")).toBe(
        'attachment; filename="audit-2026-11-22.ndjson"',
      );
    }
  });

  it("carries on from a cursor and keeps to the filters", async () => {
    await decideLeads(4);
    const { json } = await app.get("/audit?limit=1");
    const { lines } = await app.getLines(`/audit?format=ndjson&cursor=${json.nextCursor}`);
    expect(lines.map(({ commitNo }) => commitNo)).toEqual([3, 2, 1]);
    const none = await app.getLines("/audit?format=ndjson&actor=ana");
    expect(none.lines).toEqual([]);
  });

  it("has in CSV a column a field, lists and objects as JSON", async () => {
    await decideLeads(1);
    await app.post(`/leads/${leadId(1)}/close`, { reason: 'für Bo; "gewonnen",\nja' });
    const response = await app.fetch("/audit?format=csv&order=asc");
    const records: Record<string, string>[] = parse(await response.text(), { columns: true });
    expect(records).toHaveLength(2);
    expect(records[0]).toMatchObject({
      commitNo: "1",
      type: "decision",
      leadId: leadId(1),
      ownerId: "bo",
      kind: "",
      claimSeq: "7",
      detail: "",
    });
    expect(JSON.parse(records[0]?.["trail"] ?? "")).toMatchObject([{ rule: "DACH" }]);
    expect(records[1]).toMatchObject({ type: "event", kind: "closed", actor: "ana", trail: "" });
    expect(JSON.parse(records[1]?.["detail"] ?? "")).toEqual({
      reason: 'für Bo; "gewonnen",\nja',
    });
  });

  it("keeps spreadsheets from running what somebody else typed", async () => {
    const hostile = [
      '=HYPERLINK("https://evil.test","click")',
      "+1+1",
      "-2+3+cmd|' /C calc'!A0",
      "@SUM(A1:A9)",
      "\t=1+1",
      "\r=1+1",
      'a","=1+1',
      'a"\r\n=1+1,"b',
    ];
    for (const [n, rule] of hostile.entries()) {
      await desk.decide(await desk.addLead(n), "bo", { rule, reason: rule });
    }
    const response = await app.fetch("/audit?format=csv&order=asc");
    const text = await response.text();
    const records: Record<string, string>[] = parse(text, { columns: true });
    expect(records.map(({ rule }) => rule)).toEqual([
      ...hostile.slice(0, 6).map((value) => `'${value}`),
      ...hostile.slice(6),
    ]);
    // Wherever a reader may take a cell to begin, none begins a formula.
    for (const record of parse(text) as string[][]) {
      for (const cell of record) expect(cell).not.toMatch(/^[=+\-@\t\r]/);
    }
  });
});
