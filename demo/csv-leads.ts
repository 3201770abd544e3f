import { readFile } from "node:fs/promises";
import { parse } from "csv-parse/sync";
import { findField } from "../src/intake/api/field-names.ts";
import { UsageError } from "./arguments.ts";
import type { DemoLead } from "./demo-lead.ts";

/** A column of the file, and the field of the lead that the door reads from it. */
export interface CsvColumn {
  readonly header: string;
  /** Null when the value is kept among the lead's other fields, under the header's name. */
  readonly field: string | null;
}

export interface CsvLeads {
  readonly columns: readonly CsvColumn[];
  /** Labelled "row 1" for the first row below the header, and so on. */
  readonly leads: readonly DemoLead[];
}

/** Separators that spreadsheets write, by country. */
const SEPARATORS = [",", ";", "\t"];

/** @throws {UsageError} when the file cannot be read or is no list of leads */
export async function readCsvLeads(path: string): Promise<CsvLeads> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : null;
    const why = code === "ENOENT" ? "There is no such file" : `It cannot be read (${String(code)})`;
    throw new UsageError(`${path}: ${why}.`, { cause: error });
  }
  return parseCsvLeads(path, text);
}

/**
 * The leads of a CSV text whose first line names the columns. The values go to the door as they stand,
 * under the names they have in the file: it is the door that knows the usual spellings.
 * @throws {UsageError} naming the file, when there is no usable header or no row
 */
export function parseCsvLeads(path: string, text: string): CsvLeads {
  const [headers = [], ...rows] = parseRows(path, text);
  const columns = headers.map((header) => ({ header, field: findField(header) }));
  if (!columns.some(({ field }) => field === "email" || field === "phone")) {
    const found = headers.length === 0 ? "It is empty" : `It has ${headers.join(", ")}`;
    throw new UsageError(
      `${path}: the first line should name the columns, one of them an email or a phone. ${found}.`,
    );
  }
  if (rows.length === 0) throw new UsageError(`${path}: there is no row below the header.`);
  const leads = rows.map((cells, at): DemoLead => ({
    label: `row ${at + 1}`,
    encoding: "json",
    fields: collectFields(headers, cells),
  }));
  return { columns, leads };
}

function parseRows(path: string, text: string): string[][] {
  try {
    return parse(text, {
      bom: true,
      delimiter: findSeparator(text),
      relax_column_count: true,
      skip_empty_lines: true,
      skip_records_with_empty_values: true,
      trim: true,
    });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${path}: this is no CSV: ${message}`, { cause: error });
  }
}

/** The separator that the header line has most of. */
function findSeparator(text: string): string {
  const [header = ""] = text.split(/\r?\n|\r/, 1);
  const counts = SEPARATORS.map((separator) => header.split(separator).length);
  return SEPARATORS[counts.indexOf(Math.max(...counts))] ?? ",";
}

/** Cells by header; headers that occur twice make a list, cells beyond the headers are left out. */
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
