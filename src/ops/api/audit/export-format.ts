import { stringify } from "csv-stringify/sync";
import { parseAccept } from "hono/utils/accept";
import { z } from "zod";
import { should } from "../input.ts";

/** The media type of each form a list is answered in. */
const MEDIA_TYPES = {
  json: "application/json",
  csv: "text/csv",
  ndjson: "application/x-ndjson",
} as const;

export type Format = keyof typeof MEDIA_TYPES;

/** The query parameter `format` of a list that is answered in these forms. */
export function formatField<const Offered extends readonly Format[]>(offered: Offered) {
  const words = `${offered.slice(0, -1).join(", ")} or ${offered.at(-1)}`;
  return z
    .enum(offered, { error: should(words) })
    .optional()
    .meta({
      description: `${words}; wins over the header Accept. Without either: json. All but json hold the whole list, no page of it.`,
    });
}

/** The form to answer in: the one asked for by name, else what `Accept` likes best, else JSON. */
export function chooseFormat<Offered extends Format>(
  request: Request,
  asked: Offered | undefined,
  offered: readonly Offered[],
): Offered | "json" {
  if (asked !== undefined) return asked;
  const liked = parseAccept(request.headers.get("Accept") ?? "")
    .filter(({ q }) => q > 0)
    .toSorted((one, other) => other.q - one.q || countStars(one.type) - countStars(other.type));
  for (const { type } of liked) {
    const range = type.toLowerCase();
    const found = offered.find((format) => isInRange(MEDIA_TYPES[format], range));
    if (found !== undefined) return found;
  }
  return "json";
}

/** Of ranges liked equally the narrower one counts: "text/csv" before "text/*" before any. */
function countStars(range: string): number {
  return range.split("*").length - 1;
}

function isInRange(type: string, range: string): boolean {
  const [family] = type.split("/");
  return range === type || range === `${family}/*` || range === "*/*";
}

/** How the items of an export become text. */
export interface Writer<Item> {
  readonly mediaType: string;
  /** Of the file's name, without a dot. */
  readonly extension: string;
  /** What stands before the first item. */
  readonly head: string;
  readonly write: (items: readonly Item[]) => string;
  /** The last line of an export that is cut off: why, and the cursor that carries on. */
  readonly cutOff: (why: string, cursor: string) => string;
}

/** One JSON object a line. */
export function ndjsonWriter(): Writer<unknown> {
  const line = (value: unknown) => `${JSON.stringify(value)}\n`;
  return {
    mediaType: MEDIA_TYPES.ndjson,
    extension: "ndjson",
    head: "",
    write: (items) => items.map(line).join(""),
    cutOff: (why, cursor) => line({ type: "cut_off", detail: why, cursor }),
  };
}

/**
 * CSV as RFC 4180 has it: a header row, then a row an item with its fields in these columns, lists and objects as JSON.
 * A text that a spreadsheet would take for a formula has an apostrophe before it.
 */
export function csvWriter(columns: readonly string[]): Writer<Readonly<Record<string, unknown>>> {
  return {
    mediaType: `${MEDIA_TYPES.csv}; charset=utf-8; header=present`,
    extension: "csv",
    head: csvRows([columns]),
    write: (items) => csvRows(items.map((item) => columns.map((column) => cellOf(item[column])))),
    cutOff: (why, cursor) => csvRows([[`cut off: ${why} cursor=${cursor}`]]),
  };
}

function csvRows(rows: readonly (readonly (string | number | null)[])[]): string {
  return stringify([...rows], { escape_formulas: true, record_delimiter: "windows" });
}

function cellOf(value: unknown): string | number | null {
  if (value === undefined || value === null) return null;
  return typeof value === "string" || typeof value === "number" ? value : JSON.stringify(value);
}
