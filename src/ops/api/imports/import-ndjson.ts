import { isRecord } from "../../../lib/json.ts";
import { LONGEST_ROW, NOT_AN_OBJECT, TOO_LONG, type RawRow } from "./import-rows.ts";

/** One JSON object a line. A line that is none, or is too long, is refused alone; blank lines do not count. */
export async function* readNdjson(pieces: AsyncIterable<string>): AsyncGenerator<RawRow> {
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

/** The lines of a text; null for one that is longer than a row may be, of which no more than that is ever held. */
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
