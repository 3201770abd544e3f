import { expect, test } from "vitest";
import { UsageError } from "../../demo/arguments.ts";
import { parseCsvLeads, readCsvLeads } from "../../demo/csv-leads.ts";

test("rows become JSON leads under the file's own names, and the columns are understood", () => {
  const { columns, leads } = parseCsvLeads(
    "leads.csv",
    'Email Address,Company Name,Team Size\nada@acme.example,"Acme, Inc.",12\n\nbo@beta.example,,\n',
  );
  expect(columns.map(({ field }) => field)).toEqual(["email", "company", null]);
  expect(leads).toEqual([
    {
      label: "row 1",
      encoding: "json",
      fields: {
        "Email Address": "ada@acme.example",
        "Company Name": "Acme, Inc.",
        "Team Size": "12",
      },
    },
    { label: "row 2", encoding: "json", fields: { "Email Address": "bo@beta.example" } },
  ]);
});

test.each([
  ["semicolons, as spreadsheets in much of Europe write", "email;name\na@b.example;Ada, B.\n"],
  ["tabs", "email\tname\na@b.example\tAda, B.\n"],
  ["a byte order mark and CRLF", '\ufeffemail,name\r\na@b.example,"Ada, B."\r\n'],
])("%s are read", (_, text) => {
  const [lead] = parseCsvLeads("leads.csv", text).leads;
  expect(lead?.fields).toEqual({ email: "a@b.example", name: "Ada, B." });
});

test("two columns of one name make a list; cells beyond the header are left out", () => {
  const [lead] = parseCsvLeads("leads.csv", "email,tag,tag\na@b.example,x,y,z\n").leads;
  expect(lead?.fields).toEqual({ email: "a@b.example", tag: ["x", "y"] });
});

test.each([
  ["an empty file", "", "It is empty"],
  ["a file without a header", "Ada,Acme\n", "an email or a phone. It has Ada, Acme"],
  ["a header without rows", "email,name\n", "no row below the header"],
  ["a quote that never closes", 'email,name\na@b.example,"Ada\n', "no CSV"],
])("%s is refused by name, saying what is wrong", (_, text, message) => {
  expect(() => parseCsvLeads("my leads.csv", text)).toThrow(UsageError);
  expect(() => parseCsvLeads("my leads.csv", text)).toThrow("my leads.csv:");
  expect(() => parseCsvLeads("my leads.csv", text)).toThrow(message);
});

test("a file that is not there is said to be not there", async () => {
  await expect(readCsvLeads("/nowhere/leads.csv")).rejects.toThrow(
    "/nowhere/leads.csv: There is no such file.",
  );
});
