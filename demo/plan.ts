import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { parse as parseCsv } from "csv-parse/sync";
import { findField } from "../src/intake/draft/field-names.ts";
import type { Chain } from "../src/rules/chain.ts";
import type { DemoLead } from "./api-client.ts";
import { FILE_PACE, SAMPLE_PACE, type Pace } from "./follow-leads.ts";
import { LEADS } from "./sample-leads.ts";
import { placeMembers, raiseCaps, REPS, type SampleMember, type SampleRep } from "./sample-team.ts";

// What to run: the command line, the leads and the team.

interface DemoArguments {
  /** A CSV file of the user's own leads; null = the sample. */
  readonly csvPath: string | null;
  /** Keep running afterwards, so that the user can try the router. */
  readonly serve: boolean;
  readonly help: boolean;
}

export const USAGE = `npm run demo                        60 sample leads, routed on this machine
npm run demo -- leads.csv           your own leads; the first line names the columns
npm run demo -- [leads.csv] --serve the same, then keeps running so that you can try it`;

/** A mistake made by the user: shown as one message, without a stack. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** @throws {UsageError} on an unknown option or more than one file */
export function readArguments(args: readonly string[]): DemoArguments {
  const { values, positionals } = parseOptions(args);
  const [csvPath = null, ...more] = positionals;
  if (more.length > 0) {
    throw new UsageError(`Only one CSV file at a time; also got ${more.join(", ")}.\n\n${USAGE}`);
  }
  return { csvPath, serve: values.serve, help: values.help };
}

function parseOptions(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        serve: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${message}\n\n${USAGE}`, { cause: error });
  }
}

/** Which leads are routed, how fast, and to whom. */
export interface Plan {
  readonly leads: readonly DemoLead[];
  readonly pace: Pace;
  readonly reps: readonly SampleRep[];
  readonly members: readonly SampleMember[];
  /** The user's file; null for the sample. */
  readonly file: { readonly path: string; readonly columns: readonly CsvColumn[] } | null;
}

/** @throws {UsageError} when the file cannot be used */
export async function planRun({ pods }: Chain, csvPath: string | null): Promise<Plan> {
  const members = placeMembers(pods);
  if (csvPath === null) {
    return { leads: LEADS, pace: SAMPLE_PACE, reps: REPS, members, file: null };
  }
  const { leads, columns } = await readCsvLeads(csvPath);
  const team = raiseCaps(REPS, members, leads.length);
  return { leads, pace: FILE_PACE, ...team, file: { path: csvPath, columns } };
}

/** A column of the file, and the lead's field that the router fills from it. */
interface CsvColumn {
  readonly header: string;
  /** Null when the value is kept among the lead's other fields, under the header's name. */
  readonly field: string | null;
}

interface CsvLeads {
  readonly columns: readonly CsvColumn[];
  /** Labelled "row 1" for the first row below the header, and so on. */
  readonly leads: readonly DemoLead[];
}

/** @throws {UsageError} when the file cannot be read or is not a list of leads */
export async function readCsvLeads(path: string): Promise<CsvLeads> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : null;
    const why = code === "ENOENT" ? "file not found" : `the file cannot be read (${String(code)})`;
    throw new UsageError(`${path}: ${why}.`, { cause: error });
  }
  return parseCsvLeads(path, text);
}

/**
 * The leads of a CSV text whose first line names the columns. Values are posted unchanged, under the
 * file's own column names, because the router itself knows the usual spellings.
 * @throws {UsageError} naming the file, when it has no usable header or no rows
 */
export function parseCsvLeads(path: string, text: string): CsvLeads {
  const [headers = [], ...rows] = parseRows(path, text);
  const columns = headers.map((header) => ({ header, field: findField(header) }));
  if (!columns.some(({ field }) => field === "email" || field === "phone")) {
    const found = headers.length === 0 ? "It is empty" : `It has ${headers.join(", ")}`;
    throw new UsageError(
      `${path}: the first line must name the columns, including an email or a phone. ${found}.`,
    );
  }
  if (rows.length === 0) throw new UsageError(`${path}: there are no rows below the header.`);
  const leads = rows.map((cells, at): DemoLead => ({
    label: `row ${at + 1}`,
    encoding: "json",
    fields: collectFields(headers, cells),
  }));
  return { columns, leads };
}

function parseRows(path: string, text: string): string[][] {
  try {
    return parseCsv(text, {
      bom: true,
      delimiter: findSeparator(text),
      relax_column_count: true,
      skip_empty_lines: true,
      skip_records_with_empty_values: true,
      trim: true,
    });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${path}: not a valid CSV file: ${message}`, { cause: error });
  }
}

/** Separators that spreadsheets use, depending on the country. */
const SEPARATORS = [",", ";", "\t"];

/** The separator that is most frequent in the header line. */
function findSeparator(text: string): string {
  const [header = ""] = text.split(/\r?\n|\r/, 1);
  const counts = SEPARATORS.map((separator) => header.split(separator).length);
  return SEPARATORS[counts.indexOf(Math.max(...counts))] ?? ",";
}

/** Cells by header. Repeated headers make a list; cells beyond the last header are ignored. */
function collectFields(headers: readonly string[], cells: readonly string[]) {
  const lists = Map.groupBy(
    headers.flatMap((header, at) => (cells[at] ? [{ header, value: cells[at] }] : [])),
    ({ header }) => header,
  );
  const entries = [...lists].map(([header, list]) => {
    const values = list.map(({ value }) => value);
    return [header, values.length === 1 ? values[0] : values] as const;
  });
  return Object.fromEntries(entries);
}
