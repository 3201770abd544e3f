import { CsvError, parse } from "csv-parse/stream";
import { LONGEST_ROW, type RawRow } from "./import-rows.ts";
import { Problem } from "../problem.ts";

const encoder = new TextEncoder();

/**
 * CSV with a header row, as objects under the header's names; the separator is a comma, a semicolon or a tab, whichever the
 * header has. What is empty is left out, blank lines do not count.
 * @param checkHeader throws when the names will not do
 * @throws {Problem} bad_request when it is no CSV, with the line but without quoting it
 */
export async function* readCsv(
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
      // It came to its end by the error that is on its way to the caller already.
    });
  }
}

/** The text up to where its first line ends, and what came along with that. */
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
