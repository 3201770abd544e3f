import { expect, test } from "vitest";
import { parseCsvLeads, readArguments, readCsvLeads, UsageError } from "../../demo/plan.ts";

test("without arguments the sample runs, and the demo ends by itself", () => {
  expect(readArguments([])).toEqual({ csvPath: null, serve: false, help: false });
});

test("a file and --serve go together, in any order", () => {
  const expected = { csvPath: "leads.csv", serve: true, help: false };
  expect(readArguments(["leads.csv", "--serve"])).toEqual(expected);
  expect(readArguments(["--serve", "leads.csv"])).toEqual(expected);
});

test.each([[["--sevre"]], [["a.csv", "b.csv"]]])(
  "%j is refused, and the message shows the usage",
  (args) => {
    expect(() => readArguments(args)).toThrow(UsageError);
    expect(() => readArguments(args)).toThrow("npm run demo -- leads.csv");
  },
);

test("rows become JSON leads under the file's own column names, and each column's field is found", () => {
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
  ["semicolons, as spreadsheets write in much of Europe", "email;name\na@b.example;Ada, B.\n"],
  ["tabs", "email\tname\na@b.example\tAda, B.\n"],
  ["a byte order mark and CRLF", '\ufeffemail,name\r\na@b.example,"Ada, B."\r\n'],
])("%s are read", (_, text) => {
  const [lead] = parseCsvLeads("leads.csv", text).leads;
  expect(lead?.fields).toEqual({ email: "a@b.example", name: "Ada, B." });
});

test("two columns of the same name make a list; cells beyond the header are ignored", () => {
  const [lead] = parseCsvLeads("leads.csv", "email,tag,tag\na@b.example,x,y,z\n").leads;
  expect(lead?.fields).toEqual({ email: "a@b.example", tag: ["x", "y"] });
});

test.each([
  ["an empty file", "", "It is empty"],
  ["a file without a header", "Ada,Acme\n", "an email or a phone. It has Ada, Acme"],
  ["a header without rows", "email,name\n", "no rows below the header"],
  ["a quote that never closes", 'email,name\na@b.example,"Ada\n', "not a valid CSV file"],
])("%s is refused, and the message names the file and what is wrong", (_, text, message) => {
  expect(() => parseCsvLeads("my leads.csv", text)).toThrow(UsageError);
  expect(() => parseCsvLeads("my leads.csv", text)).toThrow("my leads.csv:");
  expect(() => parseCsvLeads("my leads.csv", text)).toThrow(message);
});

test("a missing file is reported as missing", async () => {
  await expect(readCsvLeads("/nowhere/leads.csv")).rejects.toThrow(
    "/nowhere/leads.csv: file not found.",
  );
});
