import { z } from "zod";
import { foldFieldName } from "../../../intake/index.ts";
import type { Account, Rep } from "../../../roster/index.ts";
import { id } from "../input.ts";
import { type FieldProblem, Problem } from "../problem.ts";
import { accountBody, accountDomain } from "../roster/accounts.ts";
import { repBody } from "../roster/rep-shapes.ts";
import type { RawRow } from "./import-text.ts";

/** Rows of one import: what one request has the time for, and one transaction of D1 (30 s). */
const MOST_ROWS = 100_000;
/** Problems of an import that are listed one by one; the rest are counted. */
const MOST_PROBLEMS = 1_000;

/** A kind of rows that files hold. */
export interface RowFormat<Row> {
  /** Folded spellings of each column, as other software exports them; the first is our own. */
  readonly spellings: Readonly<Record<string, readonly string[]>>;
  /** Columns that a CSV must have. */
  readonly required: readonly string[];
  /** Reads values as CSV and other software write them; leaves alone what it does not know. */
  readonly convert: (column: string, value: unknown) => unknown;
  readonly schema: z.ZodType<Row>;
  /** The column that no two rows may share. */
  readonly key: keyof Row & string;
}

/** A row of an import that is refused. Rows count from 1, the first after the header; blank lines do not count. */
interface RefusedRow extends FieldProblem {
  readonly row: number;
}

/** What a file turns out to hold, counted while it is read. */
export interface RowTally {
  /** Rows so far, good and bad. */
  rows: number;
  refusedCount: number;
  /** The first 1,000 problems; a row may have several. */
  readonly refused: RefusedRow[];
}

/** @throws {Problem} invalid, naming the columns that a header lacks */
export function checkHeader<Row>(format: RowFormat<Row>, names: readonly string[]): void {
  const places = placeColumns(format, names);
  const missing = format.required.filter((column) => !places.has(column));
  if (missing.length === 0) return;
  const errors = missing.map((field) => ({ field, message: "is missing from the header row" }));
  throw new Problem("invalid", `The header row lacks ${missing.join(", ")}.`, errors);
}

/**
 * The good rows, each key once; `tally` lists the others.
 * @throws {Problem} too_large at row 100,001
 */
export async function* checkRows<Row>(
  raw: AsyncIterable<RawRow>,
  format: RowFormat<Row>,
  tally: RowTally,
): AsyncGenerator<Row> {
  const rowOf = new Map<unknown, number>();
  const readColumns = columnReader(format);
  for await (const values of raw) {
    const row = tally.rows + 1;
    if (row > MOST_ROWS)
      throw new Problem("too_large", `The file has over ${MOST_ROWS} rows: send it in parts.`);
    tally.rows = row;
    if (typeof values === "string") {
      refuse(tally, row, [{ field: "", message: values }]);
      continue;
    }
    const { data, error } = format.schema.safeParse(readColumns(values));
    if (error) {
      refuse(tally, row, listProblems(error));
      continue;
    }
    const key = data[format.key];
    const earlier = rowOf.get(key);
    if (earlier === undefined) {
      rowOf.set(key, row);
      yield data;
    } else {
      const message = `is that of row ${earlier} already: ${String(key)}`;
      refuse(tally, row, [{ field: format.key, message }]);
    }
  }
}

function refuse(tally: RowTally, row: number, problems: readonly FieldProblem[]): void {
  tally.refusedCount++;
  const room = MOST_PROBLEMS - tally.refused.length;
  tally.refused.push(...problems.slice(0, room).map((problem) => ({ row, ...problem })));
}

// As `listFieldProblems`, except that no text of a file comes back as an unknown name.
function listProblems({ issues }: z.ZodError): readonly FieldProblem[] {
  return issues.map(({ code, path, message }) => ({
    field: z.core.toDotPath(path),
    message: code === "unrecognized_keys" ? "has an entry of a name that is not known" : message,
  }));
}

/** Picks a row's columns. Most rows of a file have the names of the one before, so columns are placed once for them. */
function columnReader<Row>(
  format: RowFormat<Row>,
): (values: Readonly<Record<string, unknown>>) => Record<string, unknown> {
  let names: readonly string[] = [];
  let places: ReadonlyMap<string, string> = new Map();
  return (values) => {
    const given = Object.keys(values);
    if (given.length !== names.length || given.some((name, at) => name !== names[at])) {
      names = given;
      places = placeColumns(format, names);
    }
    return Object.fromEntries(
      [...places].map(([column, name]) => [column, format.convert(column, values[name])]),
    );
  };
}

/** The name under which each column came; of several spellings the first in the list. */
function placeColumns<Row>(
  { spellings }: RowFormat<Row>,
  names: readonly string[],
): ReadonlyMap<string, string> {
  const nameOf = new Map(names.map((name) => [foldFieldName(name), name]));
  return new Map(
    Object.entries(spellings).flatMap(([column, folded]) => {
      const name = folded.map((one) => nameOf.get(one)).find((one) => one !== undefined);
      return name === undefined ? [] : [[column, name] as const];
    }),
  );
}

/** Accounts in files, under the names that Salesforce, HubSpot and Pipedrive give the columns. */
export const ACCOUNT_ROWS: RowFormat<Account> = {
  spellings: {
    domain: ["domain", "companydomain", "companydomainname", "emaildomain", "website", "url"],
    accountId: ["accountid", "id", "companyid", "organizationid", "recordid"],
    name: ["name", "accountname", "company", "companyname", "organization"],
    ownerId: [
      "ownerid",
      "owner",
      "accountowner",
      "accountownerid",
      "companyowner",
      "hubspotownerid",
    ],
  },
  required: ["domain", "accountId", "name", "ownerId"],
  // HubSpot and Pipedrive number their records.
  convert: (_column, value) => (typeof value === "number" ? String(value) : value),
  schema: accountBody.extend({ domain: accountDomain }),
  key: "domain",
};

/** Reps in files, under our own names for the columns and those of users' exports from CRMs. */
export const REP_ROWS: RowFormat<Rep> = {
  spellings: {
    id: ["id", "repid", "userid", "ownerid", "hubspotownerid", "username"],
    name: ["name", "fullname", "repname", "displayname", "ownername"],
    email: ["email", "emailaddress", "workemail", "mail"],
    slackUserId: ["slackuserid", "slackid", "slackmemberid", "memberid"],
    timeZone: ["timezone", "timezonesidkey", "timezonename", "tz"],
    workingHours: ["workinghours", "hours"],
    dailyCap: ["dailycap", "dailylimit", "leadsperday", "maxleadsperday"],
  },
  required: ["id", "name", "timeZone"],
  convert: (column, value) => {
    if (column === "id" && typeof value === "number") return String(value);
    if (column === "dailyCap" && typeof value === "string" && /^\d{1,15}$/.test(value))
      return Number(value);
    return column === "workingHours" && typeof value === "string" ? parseHours(value) : value;
  },
  schema: repBody.extend({ id }).transform((rep) => ({ ...rep, active: true })),
  key: "id",
};

/** A CSV's cell holds JSON; what is not JSON the schema refuses. */
function parseHours(cell: string): unknown {
  try {
    return JSON.parse(cell);
  } catch {
    return cell;
  }
}
