import { CsvError, parse } from "csv-parse/stream";
import { isRecord } from "../../../lib/json.ts";
import { Problem } from "../problem.ts";

// The rows of a file as they came, CSV or NDJSON, read piece by piece: the file is never in memory as a whole.

/** A row of a file under the names that it came with; or, where it is none, what is wrong with it. */
export type RawRow = Readonly<Record<string, unknown>> | typeof NOT_AN_OBJECT | typeof TOO_LONG;

/** Characters of a row. The longest useful one, a rep with other hours every day, has some 2,000. */
const LONGEST_ROW = 65_536;
const NOT_AN_OBJECT = "is not a JSON object";
const TOO_LONG = `is longer than ${LONGEST_ROW} characters`;

const encoder = new TextEncoder();

/**
 * Reads a file of this Content-Type.
 * @param checkHeader throws when the names of a CSV's columns will not do
 * @throws {Problem} unsupported_media_type; while it is read, bad_request when it is not CSV
 */
export function readRows(
  contentType: string | null,
  pieces: AsyncGenerator<string>,
  checkHeader: (names: readonly string[]) => void,
): AsyncIterable<RawRow> {
  switch (contentType?.split(";", 1)[0]?.trim().toLowerCase()) {
    case "text/csv":
      return readCsv(pieces, checkHeader);
    case "application/x-ndjson":
    case "application/ndjson":
      return readNdjson(pieces);
    default:
      throw new Problem("unsupported_media_type", "Send text/csv or application/x-ndjson.");
  }
}

/**
 * CSV with a header row, as objects under the header's names; the separator is a comma, a semicolon or a tab, whichever the
 * header has. Empty cells are left out, blank lines do not count.
 * @throws {Problem} bad_request when it is not CSV, with the line but without quoting it
 */
async function* readCsv(
  pieces: AsyncGenerator<string>,
  checkHeader: (names: readonly string[]) => void,
): AsyncGenerator<RawRow> {
  let header: readonly string[] | null = null;
  for await (const record of readRecords(pieces)) {
    if (header === null) {
      header = record;
      checkHeader(header);
    } else {
      yield nameCells(header, record);
    }
  }
  if (header === null) throw new Problem("bad_request", "The CSV has no header row.");
}

/** Of columns of one name the first counts. */
function nameCells(header: readonly string[], record: readonly string[]): RawRow {
  const cells = header.map((name, place) => [name, record[place] || undefined] as const);
  return Object.fromEntries(cells.toReversed());
}

async function* readRecords(pieces: AsyncGenerator<string>): AsyncGenerator<readonly string[]> {
  const head = await readHead(pieces);
  const records: ReadableStream<string[]> = bytesOf(head, pieces).pipeThrough(
    parse({
      bom: true,
      delimiter: separatorOf(head),
      max_record_size: LONGEST_ROW,
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
    }),
  );
  const reader = records.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } catch (error) {
    throw error instanceof CsvError ? explain(error) : error;
  } finally {
    await reader.cancel().catch(() => {
      // It ended by the error that is on its way to the caller already.
    });
  }
}

/** The text up to the end of its first line, and what came along with it. */
async function readHead(pieces: AsyncGenerator<string>): Promise<string> {
  let head = "";
  while (!/[\r\n]/.test(head.trimStart()) && head.length <= LONGEST_ROW) {
    const { done, value } = await pieces.next();
    if (done) break;
    head += value;
  }
  return head;
}

function separatorOf(head: string): string {
  const line = /^[^\r\n]*/.exec(head.trimStart())?.[0] ?? "";
  return [";", "\t"].find((mark) => line.includes(mark) && !line.includes(",")) ?? ",";
}

function bytesOf(head: string, pieces: AsyncGenerator<string>): ReadableStream<Uint8Array> {
  let first: string | null = head;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = first === null ? await pieces.next() : { done: false, value: first };
      first = null;
      if (done) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
    async cancel() {
      await pieces.return(undefined);
    },
  });
}

/** The parser's message quotes the file; the code and the line say enough. */
function explain(error: CsvError): Problem {
  const line = typeof error["lines"] === "number" ? `, line ${error["lines"]}` : "";
  return new Problem("bad_request", `The body is not valid CSV (${error.code}${line}).`);
}

/** One JSON object a line. A line that is not one, or is too long, is refused alone; blank lines do not count. */
async function* readNdjson(pieces: AsyncIterable<string>): AsyncGenerator<RawRow> {
  for await (const line of readLines(pieces)) {
    if (line === null) yield TOO_LONG;
    else if (line.trim() !== "") yield readObject(line);
  }
}

function readObject(line: string): RawRow {
  try {
    const value: unknown = JSON.parse(line);
    return isRecord(value) ? value : NOT_AN_OBJECT;
  } catch {
    return NOT_AN_OBJECT;
  }
}

/** The lines of a text; null for one longer than a row may be, of which no more than that is ever in memory. */
async function* readLines(pieces: AsyncIterable<string>): AsyncGenerator<string | null> {
  let line = "";
  let tooLong = false;
  for await (const piece of pieces) {
    const [first = "", ...rest] = piece.split("\n");
    if (!tooLong) line += first;
    tooLong ||= line.length > LONGEST_ROW;
    for (const next of rest) {
      yield tooLong ? null : line;
      line = next;
      tooLong = line.length > LONGEST_ROW;
    }
    if (tooLong) line = "";
  }
  yield tooLong ? null : line;
}
