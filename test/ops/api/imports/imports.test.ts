import { describe, expect, it } from "vitest";
import { openWorld } from "../../../roster/roster-world.ts";
import { apiClient, refusedFields } from "../api-client.ts";

const CSV = { "Content-Type": "text/csv; charset=utf-8" };
const NDJSON = { "Content-Type": "application/x-ndjson" };
const HEADER = "domain,accountId,name,ownerId";

function openApi() {
  const world = openWorld();
  const call = apiClient(world.deps);
  return {
    ...world,
    call,
    send: (path: string, body: string, headers: Record<string, string> = CSV) =>
      call("POST", path, body, headers),
    kinds: () =>
      world.db.sqlite
        .prepare("SELECT kind FROM events ORDER BY commit_no, id")
        .all()
        .map(({ kind }) => String(kind)),
    staged: () => world.db.sqlite.prepare("SELECT count(*) AS n FROM staged_rows").get()?.["n"],
  };
}

describe("POST /accounts/import", () => {
  it("takes the good rows of a CSV and says of each bad one what is wrong with it", async () => {
    const { call, send, events, kinds, unnamedEvents } = openApi();
    const csv = [
      "\uFEFFCompany Domain,Account ID,Account Name,Owner ID,Revenue",
      'acme.com,001,"Acme, ""the"" Inc.",bo,10',
      "gmail.com,002,Free,bo,",
      "",
      "https://www.globex.com/about,003,Globex,Ida,7",
      "hooli.com,,Hooli,bo@acme.test,7",
      "www.acme.com,009,Acme again,ida,7",
      "short.com,004",
    ].join("\r\n");
    const { status, json } = await send("/accounts/import", csv);
    expect([status, json]).toEqual([
      200,
      {
        importId: "event-00001",
        imported: 2,
        unchanged: 0,
        refusedCount: 4,
        refused: [
          {
            row: 2,
            field: "domain",
            message: expect.stringContaining("gmail.com is a free mail service"),
          },
          { row: 4, field: "accountId", message: "is required" },
          { row: 4, field: "ownerId", message: expect.stringContaining("an id") },
          { row: 5, field: "domain", message: "is that of row 1 already: acme.com" },
          { row: 6, field: "name", message: "is required" },
          { row: 6, field: "ownerId", message: "is required" },
        ],
      },
    ]);
    expect(JSON.stringify(json)).not.toContain("bo@acme.test");
    expect((await call("GET", "/accounts")).json).toEqual({
      items: [
        { domain: "acme.com", accountId: "001", name: 'Acme, "the" Inc.', ownerId: "bo" },
        { domain: "globex.com", accountId: "003", name: "Globex", ownerId: "ida" },
      ],
      nextCursor: null,
    });
    expect(events()).toMatchObject([
      { subject_id: "acme.com", kind: "account_added", actor: "ana" },
      { subject_id: "globex.com", kind: "account_added", actor: "ana" },
      {
        subject_type: "import",
        subject_id: "event-00001",
        kind: "imported",
        actor: "ana",
        detail: { what: "account", mode: "good-rows", imported: 2, unchanged: 0, refused: 4 },
      },
    ]);
    expect(unnamedEvents()).toEqual([]);
    expect((await send("/accounts/import", csv)).json).toMatchObject({ imported: 0, unchanged: 2 });
    expect(kinds()).toEqual(["account_added", "account_added", "imported", "imported"]);
  });

  it("takes NDJSON, and refuses a broken or endless line alone", async () => {
    const { call, send } = openApi();
    const lines = [
      '{"domain":"acme.com","accountId":17,"name":"Acme","ownerId":"bo","extra":true}',
      "{broken",
      "",
      "[1]",
      `{"domain":"${"x".repeat(70_000)}"}`,
      '{"website":"globex.com","id":"g","company":"Globex","owner_id":"ida"}',
    ].join("\r\n");
    expect((await send("/accounts/import", lines, NDJSON)).json).toMatchObject({
      imported: 2,
      refusedCount: 3,
      refused: [
        { row: 2, field: "", message: "is not a JSON object" },
        { row: 3, field: "", message: "is not a JSON object" },
        { row: 4, field: "", message: "is longer than 65536 characters" },
      ],
    });
    expect((await call("GET", "/accounts/acme.com")).json).toMatchObject({ accountId: "17" });
  });

  it.each([";", "\t"])("takes a CSV that is separated by %j", async (mark) => {
    const { call, send } = openApi();
    const csv = [HEADER.split(","), ["acme.com", "1", "Acme, Inc.", "bo"]];
    await send("/accounts/import", csv.map((row) => row.join(mark)).join("\n"));
    expect((await call("GET", "/accounts/acme.com")).json).toEqual({
      domain: "acme.com",
      accountId: "1",
      name: "Acme, Inc.",
      ownerId: "bo",
    });
  });

  it("counts on where it stops telling, when a file is no list of accounts", async () => {
    const { send, kinds } = openApi();
    const { status, json } = await send("/accounts/import", "0\n".repeat(20_000), NDJSON);
    const { refused, ...counts } = json as { refused: unknown[] };
    expect([status, counts, refused.length]).toMatchObject([
      200,
      { imported: 0, refusedCount: 20_000 },
      1_000,
    ]);
    expect(kinds()).toEqual(["imported"]);
  });

  it("names the columns a header lacks", async () => {
    const { send, events } = openApi();
    const { status, json } = await send("/accounts/import", "domain,name\nacme.com,Acme");
    expect([status, Object.keys(refusedFields(json))]).toEqual([422, ["accountId", "ownerId"]]);
    expect(json).toMatchObject({ detail: "The header row lacks accountId, ownerId." });
    expect(events()).toEqual([]);
  });

  it("says what became of the rows before, when a file breaks off", async () => {
    const { send } = openApi();
    const broken = `${HEADER}\n${"acme.com,1,Acme,bo\n".repeat(20_000)}"jane@acme.com`;
    const { status, json } = await send("/accounts/import", broken);
    expect([status, JSON.stringify(json)]).toEqual([
      400,
      expect.stringMatching(
        /not valid CSV \(CSV_QUOTE_NOT_CLOSED, line \d+\)\. Good rows before that may be imported; sending them again is safe\./,
      ),
    ]);
    expect(JSON.stringify(json)).not.toContain("jane");
  });

  it.each<[string, string, Record<string, string>, number]>([
    ["an empty file", "", CSV, 400],
    ["an unclosed quote", `${HEADER}\n"secret`, CSV, 400],
    ["a quote that is not closed for 64 kB", `${HEADER}\n"secret${"x".repeat(70_000)}`, CSV, 400],
    ["another content type", "x", { "Content-Type": "application/json" }, 415],
    ["more than 50 MB", "x", { ...CSV, "Content-Length": "50000001" }, 413],
    ["more than 100,000 rows", "0\n".repeat(100_001), NDJSON, 413],
  ])("refuses %s", async (_what, body, headers, expected) => {
    const { send } = openApi();
    const { status, json } = await send("/accounts/import", body, headers);
    expect(status).toBe(expected);
    expect(JSON.stringify(json)).not.toContain("secret");
  });

  it("refuses what is no mode, by name", async () => {
    const { status, json } = await openApi().send("/accounts/import?mode=half", HEADER);
    expect([status, Object.keys(refusedFields(json))]).toEqual([400, ["mode"]]);
  });
});

describe("an import of all or nothing", () => {
  const ALL = "/accounts/import?mode=all-or-nothing";

  it("takes a good file as a whole", async () => {
    const { call, send, staged, events, unnamedEvents } = openApi();
    await call("PUT", "/accounts/acme.com", { accountId: "1", name: "Acme", ownerId: "bo" });
    await call("PUT", "/accounts/hooli.com", { accountId: "3", name: "Hooli", ownerId: "bo" });
    const csv = [HEADER, "acme.com,1,Acme,ida", "globex.com,2,Globex,bo", "hooli.com,3,Hooli,bo"];
    expect((await send(ALL, csv.join("\n"))).json).toMatchObject({
      imported: 2,
      unchanged: 1,
      refusedCount: 0,
    });
    expect(events().slice(2)).toMatchObject([
      { kind: "account_changed", detail: { before: { ownerId: "bo" }, after: { ownerId: "ida" } } },
      { kind: "account_added", subject_id: "globex.com" },
      {
        kind: "imported",
        detail: { what: "account", mode: "all-or-nothing", imported: 2, unchanged: 1, refused: 0 },
      },
    ]);
    expect([staged(), unnamedEvents()]).toEqual([0, []]);
  });

  it("takes nothing of a file with one bad row, and tells of all that are bad", async () => {
    const { call, send, staged, events } = openApi();
    const csv = [HEADER, "acme.com,1,Acme,bo", "gmail.com,2,Free,bo", "hooli.com,3,,bo"];
    const { status, json } = await send(ALL, csv.join("\n"));
    expect([status, refusedFields(json), json]).toMatchObject([
      422,
      { "row 2: domain": expect.stringContaining("free mail"), "row 3: name": "is required" },
      { detail: "Nothing was imported: 2 of 3 rows cannot be used." },
    ]);
    expect((await call("GET", "/accounts")).json).toMatchObject({ items: [] });
    expect([staged(), events()]).toEqual([0, []]);
  });

  it("takes nothing of a file that breaks off", async () => {
    const { send, staged, events } = openApi();
    const broken = `${HEADER}\n${"acme.com,1,Acme,bo\n".repeat(2)}"`;
    const { status, json } = await send(ALL, broken);
    expect([status, staged(), events()]).toEqual([400, 0, []]);
    expect(json).toMatchObject({ detail: expect.stringContaining("not valid CSV") });
  });
});

describe("POST /reps/import", () => {
  const BO = {
    id: "bo",
    name: "Bo Berg",
    email: "bo@acme.test",
    slackUserId: "U012AB3CD",
    timeZone: "Europe/Berlin",
    workingHours: { mon: [["09:00", "17:00"]] },
    dailyCap: 20,
    active: true,
  };

  it("takes a CSV, and hands the pods their rosters once, at the end", async () => {
    const { call, send, accepted, lastHanded, events, unnamedEvents } = openApi();
    await call("PUT", "/reps/bo", { name: "Bo", timeZone: "UTC" });
    await call("PUT", "/pods/dach/members/bo", {});
    accepted.length = 0;
    const csv = [
      "id,name,email,slackUserId,timeZone,workingHours,dailyCap",
      'Bo,Bo Berg,bo@acme.test,U012AB3CD,Europe/Berlin,"{""mon"":[[""09:00"",""17:00""]]}",20',
      "cy,Cy,,,UTC,,",
      "di,Di,,,Mars,always,some",
    ].join("\n");
    expect((await send("/reps/import", csv)).json).toMatchObject({
      imported: 2,
      unchanged: 0,
      refusedCount: 1,
      refused: [
        { row: 3, field: "timeZone" },
        { row: 3, field: "workingHours" },
        { row: 3, field: "dailyCap" },
      ],
    });
    expect((await call("GET", "/reps/bo")).json).toMatchObject(BO);
    expect((await call("GET", "/reps/cy")).json).toMatchObject({
      email: null,
      workingHours: null,
      dailyCap: null,
    });
    expect([accepted.length, lastHanded("dach")]).toEqual([1, ["bo"]]);
    expect(events().slice(-3)).toMatchObject([
      {
        kind: "rep_changed",
        subject_id: "bo",
        detail: {
          after: { workingHours: BO.workingHours, dailyCap: 20, active: true },
          changed: ["name", "email", "slackUserId"],
        },
      },
      { kind: "rep_created", subject_id: "cy", detail: { before: null } },
      { kind: "imported", detail: { what: "rep" } },
    ]);
    expect(JSON.stringify(events())).not.toMatch(/Berg|acme\.test/);
    expect(unnamedEvents()).toEqual([]);
  });

  it.each(["good-rows", "all-or-nothing"])(
    "leaves reps alone who stand as the file says, by %s",
    async (mode) => {
      const { call, send, kinds } = openApi();
      const { active: _, ...bo } = BO;
      const line = JSON.stringify(bo);
      await call("PUT", "/reps/bo", { ...bo, id: undefined });
      expect((await send(`/reps/import?mode=${mode}`, line, NDJSON)).json).toMatchObject({
        imported: 0,
        unchanged: 1,
      });
      await call("DELETE", "/reps/bo");
      expect((await send(`/reps/import?mode=${mode}`, line, NDJSON)).json).toMatchObject({
        imported: 1,
      });
      expect((await call("GET", "/reps/bo")).json).toMatchObject(BO);
      expect(kinds()).toEqual([
        "rep_created",
        "imported",
        "rep_deactivated",
        "rep_changed",
        "imported",
      ]);
    },
  );

  it("never says back what a file calls the things it does not know", async () => {
    const hours = { "jane@acme.com": [] };
    const line = JSON.stringify({ ...BO, active: undefined, workingHours: hours });
    const { json } = await openApi().send("/reps/import", line, NDJSON);
    expect(json).toMatchObject({
      refused: [{ field: "workingHours", message: "has an entry of a name that is not known" }],
    });
    expect(JSON.stringify(json)).not.toContain("jane");
  });

  it("is 503 while a pod has not confirmed, and completes when it is sent again", async () => {
    const { call, send, down, lastHanded, accepted } = openApi();
    await call("PUT", "/reps/bo", { name: "Bo", timeZone: "UTC" });
    await call("PUT", "/pods/dach/members/bo", {});
    down.add("dach");
    const headers = { ...CSV, "Idempotency-Key": "team-1" };
    const csv = "id,name,timeZone\nbo,Bo Berg,UTC";
    expect((await send("/reps/import", csv, headers)).status).toBe(503);
    down.clear();
    accepted.length = 0;
    expect(await send("/reps/import", csv, headers)).toMatchObject({
      status: 200,
      json: { imported: 1, unchanged: 0 },
    });
    expect(lastHanded("dach")).toEqual(["bo"]);
  });
});

describe("an import with an Idempotency-Key", () => {
  const KEY = { ...CSV, "Idempotency-Key": "crm-nightly-2026-11-22" };
  const FILE = `${HEADER}\nacme.com,1,Acme,bo\ngmail.com,2,Free,bo`;

  it("sent again answers the same, and does nothing again", async () => {
    const { call, send, events } = openApi();
    const first = await send("/accounts/import", FILE, KEY);
    expect(first.json).toMatchObject({ imported: 1, unchanged: 0, refusedCount: 1 });
    await call("PUT", "/accounts/acme.com", { accountId: "1", name: "Acme", ownerId: "ida" });
    const before = events().length;
    expect(await send("/accounts/import", FILE, KEY)).toMatchObject({
      status: 200,
      json: first.json,
    });
    expect(events()).toHaveLength(before);
    expect((await call("GET", "/accounts/acme.com")).json).toMatchObject({ ownerId: "ida" });
  });

  it.each([
    ["another file", "/accounts/import", `${FILE}\nhooli.com,3,Hooli,bo`],
    ["another mode", "/accounts/import?mode=all-or-nothing", FILE],
  ])("is refused with %s, and changes nothing", async (_what, path, body) => {
    const { send, events } = openApi();
    await send("/accounts/import", FILE, KEY);
    const before = events().length;
    const { status, json } = await send(path, body, KEY);
    expect([status, Object.keys(refusedFields(json)), events().length]).toEqual([
      422,
      ["Idempotency-Key"],
      before,
    ]);
  });

  it("that was refused may be sent again, mended", async () => {
    const { send } = openApi();
    const path = "/accounts/import?mode=all-or-nothing";
    expect((await send(path, FILE, KEY)).status).toBe(422);
    expect(await send(path, `${HEADER}\nacme.com,1,Acme,bo`, KEY)).toMatchObject({
      status: 200,
      json: { imported: 1 },
    });
  });
});
