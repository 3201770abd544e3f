import { once } from "node:events";
import { closeSync, createReadStream, createWriteStream, openSync, readSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { isRecord, type JsonRecord } from "../../lib/json.ts";
import { UsageError } from "../command.ts";
import { type IndexedRecord, RecordIndex } from "../replay/read-export.ts";

/**
 * Writes lines as NDJSON, as fast as the disk takes them, to a file that only this user may read.
 * @param onLine is told how many there are so far
 */
export async function writeFileOfLines(
  path: string,
  lines: AsyncIterable<JsonRecord>,
  onLine: (count: number) => void,
): Promise<void> {
  const file = createWriteStream(path, { mode: 0o600 });
  let count = 0;
  try {
    for await (const line of lines) {
      if (!file.write(`${JSON.stringify(line)}\n`)) await once(file, "drain");
      onLine(++count);
    }
  } finally {
    file.end();
    await finished(file);
  }
}

/** Keeps lines in a file for as long as the work takes: a month of a router does not fit into memory. */
export async function withSpool<Result>(
  lines: AsyncIterable<JsonRecord>,
  onLine: (count: number) => void,
  work: (path: string) => Promise<Result>,
): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), "lead-router-replay-"));
  try {
    const path = join(folder, "export.ndjson");
    await writeFileOfLines(path, lines, onLine);
    return await work(path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A record that is read from a file line by line, as it is asked for. */
export interface OpenedRecord extends IndexedRecord {
  close(): void;
}

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

const NEWLINE = 10;

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
  if (!isRecord(value)) throw new Error("it is not a JSON object");
  return value;
}

/** Says of an error in which line of the file it was. The text of a line that is not JSON is not quoted: it may be anything. */
function complainAs<Result>(path: string, place: number, step: () => Result): Result {
  try {
    return step();
  } catch (error) {
    const says = error instanceof SyntaxError ? "it is not JSON" : messageOf(error);
    throw new UsageError(`${path}, line ${place + 1}: ${says}. Is it an export of npm run rules?`, {
      cause: error,
    });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
