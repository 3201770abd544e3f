import { CsvError, parse } from "csv-parse/sync";
import { z } from "zod";
import { findCompanyDomainOfEmail, findDomain } from "../intake/company-domain.ts";
import { foldFieldName } from "../intake/field-names.ts";
import type { Account } from "../roster/accounts.ts";
import { id, isRecord, listFieldProblems, should, text } from "./input.ts";
import { Problem, type FieldProblem } from "./problem.ts";

/** A row of an import that is not taken. Rows count from 1, the first after the header; blank lines do not count. */
export interface RefusedRow extends FieldProblem {
  readonly row: number;
}

export interface AccountRows {
  /** Each domain once. */
  readonly accounts: readonly Account[];
  readonly refused: readonly RefusedRow[];
}

/** Text that names a company's domain, in whatever spelling; yields the registrable domain, lower case. */
export const accountDomain = z.string({ error: should("a domain") }).transform((value, context) => {
  const domain = findDomain(value);
  if (domain === null) context.addIssue("should be a company's domain, such as acme.com");
  else if (findCompanyDomainOfEmail(`x@${domain}`) === null)
    context.addIssue(`should be a company's domain; ${domain} is a free mail service`);
  else return domain;
  return z.NEVER;
});

/** The body of `PUT /accounts/:domain`. */
export const accountBody = z.strictObject({ accountId: text(200), name: text(200), ownerId: id });

const accountRow = accountBody.extend({ domain: accountDomain });

type Column = keyof Account;

/** Folded spellings of each column, as CRMs export them (Salesforce, HubSpot, Pipedrive); the first is our own. */
const SPELLINGS: Readonly<Record<Column, readonly string[]>> = {
  domain: ["domain", "companydomain", "companydomainname", "emaildomain", "website", "url"],
  accountId: ["accountid", "id", "companyid", "organizationid", "recordid"],
  name: ["name", "accountname", "company", "companyname", "organization"],
  ownerId: ["ownerid", "owner", "accountowner", "accountownerid", "companyowner", "hubspotownerid"],
};
const COLUMNS: readonly Column[] = ["domain", "accountId", "name", "ownerId"];

/**
 * Reads CSV with a header row; the separator is a comma, a semicolon or a tab, whichever the header has. Other columns
 * are passed over.
 * @throws {Problem} bad_request when it is no CSV, invalid when the header lacks a column
 */
export function parseAccountsCsv(csv: string): AccountRows {
  const [header, ...records] = readRecords(csv);
  if (!header) throw new Problem("bad_request", "The CSV has no header row.");
  const places = COLUMNS.map((column) => [column, placeOf(column, header)] as const);
  const missing = places.filter(([, place]) => place < 0).map(([column]) => column);
  if (missing.length > 0) {
    const errors = missing.map((field) => ({ field, message: "is missing from the header row" }));
    throw new Problem("invalid", `The header row lacks ${missing.join(", ")}.`, errors);
  }
  return checkRows(
    records.map((record) =>
      Object.fromEntries(places.map(([column, place]) => [column, record[place] || undefined])),
    ),
  );
}

/** Reads one JSON object a line, under the same names as a CSV's header. A line that is no JSON object is refused alone. */
export function parseAccountsNdjson(ndjson: string): AccountRows {
  return checkRows(
    ndjson
      .split("\n")
      .filter((line) => line.trim() !== "")
      .map(readLine),
  );
}

function readRecords(csv: string): string[][] {
  const firstLine = /^[^\r\n]*/.exec(csv.trimStart())?.[0] ?? "";
  const delimiter =
    [";", "\t"].find((mark) => firstLine.includes(mark) && !firstLine.includes(",")) ?? ",";
  try {
    return parse(csv, {
      bom: true,
      delimiter,
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    // The message quotes the file; the code and the line say enough.
    const line = typeof error["lines"] === "number" ? `, line ${error["lines"]}` : "";
    throw new Problem("bad_request", `The body is not valid CSV (${error.code}${line}).`);
  }
}

function readLine(line: string): Readonly<Record<string, unknown>> | null {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return null;
  }
  if (!isRecord(value)) return null;
  const entries = Object.entries(value);
  const names = entries.map(([name]) => name);
  return Object.fromEntries(
    COLUMNS.map((column) => {
      const sent: unknown = entries[placeOf(column, names)]?.[1];
      // HubSpot and Pipedrive number their records.
      return [column, typeof sent === "number" ? String(sent) : sent];
    }),
  );
}

function placeOf(column: Column, names: readonly string[]): number {
  const folded = names.map(foldFieldName);
  const spelling = SPELLINGS[column].find((each) => folded.includes(each));
  return spelling === undefined ? -1 : folded.indexOf(spelling);
}

/**
 * Problems after which an import is refused as a whole: that file is not a list of accounts, and telling each of a million
 * problems would take more memory than a Worker has.
 */
const MOST_PROBLEMS = 1000;

function checkRows(rows: readonly (Readonly<Record<string, unknown>> | null)[]): AccountRows {
  const accounts = new Map<string, { account: Account; row: number }>();
  const refused: RefusedRow[] = [];
  for (const [at, values] of rows.entries()) {
    const row = at + 1;
    if (refused.length > MOST_PROBLEMS)
      throw new Problem(
        "invalid",
        `Nothing was imported: there are over ${MOST_PROBLEMS} problems in the first ${at} rows.`,
        refused.slice(0, 10).map(({ field, message }) => ({ field, message })),
      );
    if (values === null) {
      refused.push({ row, field: "", message: "is not a JSON object" });
      continue;
    }
    const { data: account, error } = accountRow.safeParse(values);
    if (error) {
      refused.push(...listFieldProblems(error).map((problem) => ({ row, ...problem })));
      continue;
    }
    const earlier = accounts.get(account.domain);
    if (earlier) {
      refused.push({
        row,
        field: "domain",
        message: `is that of row ${earlier.row} already: ${account.domain}`,
      });
    } else accounts.set(account.domain, { account, row });
  }
  return { accounts: [...accounts.values()].map(({ account }) => account), refused };
}
