import { closeSync, createReadStream, openSync, readSync } from "node:fs";
import { isRecord, type JsonRecord } from "../../lib/json.ts";
import { RecordIndex, type IndexedRecord } from "../replay/record-index.ts";
import { UsageError } from "./arguments.ts";

/** A record that is read from a file line by line, as it is asked for. */
export interface OpenedRecord extends IndexedRecord {
  close(): void;
}

const NEWLINE = 10;

/**
 * Opens an export: reads it once from end to end, and then again line by line.
 * @throws {UsageError} naming the line that is not what it should be
 */
export async function openRecord(path: string): Promise<OpenedRecord> {
  const file = openFile(path);
  /** Where each line begins, and where the last one ends, in bytes. */
  const offsets = [0];
  const index = new RecordIndex((place) => {
    const [start = 0, end = 0] = offsets.slice(place, place + 2);
    const line = Buffer.allocUnsafe(end - start);
    readSync(file, line, 0, line.length, start);
    return parse(line);
  });
  try {
    for await (const line of readLines(path)) {
      const place = offsets.length - 1;
      offsets.push((offsets.at(-1) ?? 0) + line.length);
      complainAs(path, place, () => index.add(parse(line), place));
    }
    const opened = complainAs(path, 0, () => index.finish());
    return { ...opened, close: () => closeSync(file) };
  } catch (error) {
    closeSync(file);
    throw error;
  }
}

function openFile(path: string): number {
  try {
    return openSync(path, "r");
  } catch (error) {
    throw new UsageError(`${path} cannot be read (${messageOf(error)}).`, { cause: error });
  }
}

/** The lines of a file with their ends. */
async function* readLines(path: string): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    if (!(chunk instanceof Buffer)) continue;
    let bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE)) {
      yield bytes.subarray(0, end + 1);
      bytes = bytes.subarray(end + 1);
    }
    rest = bytes;
  }
  if (rest.length > 0) yield rest;
}

function parse(line: Buffer): JsonRecord {
  const value: unknown = JSON.parse(line.toString("utf8"));
  if (!isRecord(value)) throw new Error("it is no JSON object");
  return value;
}

/** Says of an error in which line of the file it was. A file that is no export quotes nobody: only the place is told of bad JSON. */
function complainAs<Result>(path: string, place: number, step: () => Result): Result {
  try {
    return step();
  } catch (error) {
    const says = error instanceof SyntaxError ? "it is no JSON" : messageOf(error);
    throw new UsageError(`${path}, line ${place + 1}: ${says}. Is it an export of npm run rules?`, {
      cause: error,
    });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
