import { createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Writable } from "node:stream";
import { finished } from "node:stream/promises";
import type { JsonRecord } from "../../lib/json.ts";

/**
 * Writes lines as NDJSON, as fast as they are taken.
 * @param onLine told of how many there are so far
 */
export async function writeLines(
  to: Writable,
  lines: AsyncIterable<JsonRecord>,
  onLine: (count: number) => void,
): Promise<number> {
  let count = 0;
  for await (const line of lines) {
    if (!to.write(`${JSON.stringify(line)}\n`)) await once(to, "drain");
    onLine(++count);
  }
  return count;
}

/** Writes lines to a file that only this user may read. */
export async function writeFileOfLines(
  path: string,
  lines: AsyncIterable<JsonRecord>,
  onLine: (count: number) => void,
): Promise<number> {
  const file = createWriteStream(path, { mode: 0o600 });
  try {
    return await writeLines(file, lines, onLine);
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
