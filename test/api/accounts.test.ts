import { describe, expect, it } from "vitest";
import { parseAccountsCsv } from "../../src/api/account-rows.ts";
import { openWorld } from "../roster/roster-world.ts";
import { apiClient, refusedFields } from "./api-client.ts";

const ACME = { accountId: "001", name: "Acme Inc.", ownerId: "bo" };
const CSV = { "Content-Type": "text/csv; charset=utf-8" };
const NDJSON = { "Content-Type": "application/x-ndjson" };

describe("PUT /accounts/:domain", () => {
  it("stores the account under its registrable domain and warns of an owner who gets no leads", async () => {
    const call = apiClient(openWorld().deps);
    expect(await call("PUT", "/accounts/WWW.Acme.CO.UK", ACME)).toMatchObject({
      status: 201,
      json: {
        domain: "acme.co.uk",
        ...ACME,
        warnings: [expect.stringContaining("bo is not a rep")],
      },
    });
    await call("PUT", "/reps/bo", { name: "Bo", timeZone: "UTC" });
    expect(await call("PUT", "/accounts/acme.co.uk", ACME)).toMatchObject({
      status: 200,
      json: { warnings: [] },
    });
    expect(await call("GET", "/accounts/mail.acme.co.uk")).toMatchObject({
      status: 200,
      json: { domain: "acme.co.uk", ...ACME },
    });
    await call("DELETE", "/reps/bo");
    expect((await call("PUT", "/accounts/acme.co.uk", ACME)).json).toMatchObject({
      warnings: [expect.stringContaining("deactivated")],
    });
  });

  it.each(["gmail.com", "co.uk", "localhost", "192.168.0.1"])(
    "refuses the domain %s by name",
    async (domain) => {
      const { status, json } = await apiClient(openWorld().deps)(
        "PUT",
        `/accounts/${domain}`,
        ACME,
      );
      expect([status, Object.keys(refusedFields(json))]).toEqual([422, ["domain"]]);
    },
  );

  it.each<[string, unknown]>([
    ["accountId", undefined],
    ["accountId", ""],
    ["accountId", 1],
    ["name", undefined],
    ["ownerId", undefined],
    // Owners are named in the audit, and e-mail addresses are not.
    ["ownerId", "bo@acme.test"],
    ["owner", "bo"],
  ])("names %s when it is %j", async (field, value) => {
    const { status, json } = await apiClient(openWorld().deps)("PUT", "/accounts/acme.com", {
      ...ACME,
      [field]: value,
    });
    expect([status, Object.keys(refusedFields(json))]).toEqual([422, [field]]);
  });
});

describe("accounts", () => {
  it("are listed page by page and removed once", async () => {
    const call = apiClient(openWorld().deps);
    for (const domain of ["globex.com", "acme.com", "hooli.com"])
      await call("PUT", `/accounts/${domain}`, ACME);
    const { json } = await call("GET", "/accounts?limit=2");
    expect(json).toMatchObject({ items: [{ domain: "acme.com" }, { domain: "globex.com" }] });
    const { nextCursor } = json as { nextCursor: string };
    expect((await call("GET", `/accounts?cursor=${nextCursor}`)).json).toMatchObject({
      items: [{ domain: "hooli.com" }],
      nextCursor: null,
    });
    expect((await call("DELETE", "/accounts/acme.com")).status).toBe(204);
    expect((await call("DELETE", "/accounts/acme.com")).status).toBe(404);
    expect((await call("GET", "/accounts/acme.com")).status).toBe(404);
  });
});

describe("POST /accounts/import", () => {
  it("takes the good rows of a CSV and says of each bad one what is wrong with it", async () => {
    const { deps, events } = openWorld();
    const call = apiClient(deps);
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
    expect(await call("POST", "/accounts/import", csv, CSV)).toMatchObject({
      status: 200,
      json: {
        imported: 2,
        unchanged: 0,
        refused: [
          {
            row: 2,
            field: "domain",
            message: expect.stringContaining("gmail.com is a free mail service"),
          },
          { row: 4, field: "accountId", message: "is required" },
          { row: 4, field: "ownerId", message: expect.stringContaining("an id") },
          { row: 5, field: "domain", message: expect.stringContaining("row 1") },
          { row: 6, field: "name", message: "is required" },
          { row: 6, field: "ownerId", message: "is required" },
        ],
      },
    });
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
    ]);
    expect((await call("POST", "/accounts/import", csv, CSV)).json).toMatchObject({
      imported: 0,
      unchanged: 2,
    });
    expect(events()).toHaveLength(2);
  });

  it("takes NDJSON, and refuses a broken line alone", async () => {
    const call = apiClient(openWorld().deps);
    const lines = [
      '{"domain":"acme.com","accountId":17,"name":"Acme","ownerId":"bo","extra":true}',
      "{broken",
      "",
      "[1]",
      '{"website":"globex.com","id":"g","company":"Globex","owner_id":"ida"}',
    ].join("\r\n");
    expect((await call("POST", "/accounts/import", lines, NDJSON)).json).toEqual({
      imported: 2,
      unchanged: 0,
      refused: [
        { row: 2, field: "", message: "is not a JSON object" },
        { row: 3, field: "", message: "is not a JSON object" },
      ],
    });
    expect((await call("GET", "/accounts/acme.com")).json).toMatchObject({ accountId: "17" });
  });

  it.each([";", "\t"])("takes a CSV that is separated by %j", (mark) => {
    const csv = [
      ["domain", "accountId", "name", "ownerId"],
      ["acme.com", "1", "Acme, Inc.", "bo"],
    ];
    const { accounts, refused } = parseAccountsCsv(csv.map((row) => row.join(mark)).join("\n"));
    expect([accounts, refused]).toEqual([
      [{ domain: "acme.com", accountId: "1", name: "Acme, Inc.", ownerId: "bo" }],
      [],
    ]);
  });

  it("refuses a file that is no list of accounts as a whole, without telling every row", async () => {
    const { deps, events } = openWorld();
    const call = apiClient(deps);
    const answer = await call("POST", "/accounts/import", "0\n".repeat(500_000), NDJSON);
    expect(answer).toMatchObject({
      status: 422,
      json: {
        detail: expect.stringContaining("Nothing was imported: there are over 1000 problems"),
      },
    });
    expect(JSON.stringify(answer.json).length).toBeLessThan(2000);
    expect(events()).toEqual([]);
  });

  it("names the columns a header lacks", async () => {
    const call = apiClient(openWorld().deps);
    const { status, json } = await call(
      "POST",
      "/accounts/import",
      "domain,name\nacme.com,Acme",
      CSV,
    );
    expect([status, Object.keys(refusedFields(json))]).toEqual([422, ["accountId", "ownerId"]]);
  });

  it.each<[string, string, Record<string, string>, number]>([
    ["an empty file", "", CSV, 400],
    ["an unclosed quote", 'domain,accountId,name,ownerId\n"secret', CSV, 400],
    ["another content type", "x", { "Content-Type": "application/json" }, 415],
    ["more than 5 MB", "x".repeat(5_000_001), CSV, 413],
  ])("refuses %s", async (_what, body, headers, expected) => {
    const { status, json } = await apiClient(openWorld().deps)(
      "POST",
      "/accounts/import",
      body,
      headers,
    );
    expect(status).toBe(expected);
    expect(JSON.stringify(json)).not.toContain("secret");
  });
});
