import { sha256Hex } from "../lib/digest.ts";
import { RouterError } from "../lib/failure.ts";
import type { Packed, Sums } from "../record/archives.ts";

export async function packLines(lines: readonly string[]): Promise<Packed> {
  const bytes = new TextEncoder().encode(lines.map((line) => `${line}\n`).join(""));
  const object = await pipe(bytes, new CompressionStream("gzip"));
  return {
    rows: lines.length,
    bytes: bytes.length,
    sha256: sha256Hex(bytes),
    object,
    objectBytes: object.length,
    objectSha256: sha256Hex(object),
  };
}

/**
 * The lines of an object.
 * @throws {RouterError} where the object, its lines or their number are not what they should be
 */
export async function unpackLines(object: Uint8Array, expected: Sums): Promise<string[]> {
  if (object.length !== expected.objectBytes || sha256Hex(object) !== expected.objectSha256)
    throw new RouterError("the object is not the one that was written");
  const bytes = await pipe(object, new DecompressionStream("gzip"));
  if (bytes.length !== expected.bytes || sha256Hex(bytes) !== expected.sha256)
    throw new RouterError("the object does not hold the lines that were written");
  const lines = splitLines(new TextDecoder().decode(bytes));
  if (lines.length !== expected.rows)
    throw new RouterError(`the object holds ${lines.length} lines, not ${expected.rows}`);
  return lines;
}

/**
 * The lines of an object of which nothing is recorded, and what is to be recorded of it.
 * @throws where it is no gzipped text that ends with a newline
 */
export async function openObject(
  object: Uint8Array,
): Promise<{ readonly lines: string[]; readonly sums: Sums }> {
  const bytes = await pipe(object, new DecompressionStream("gzip"));
  const lines = splitLines(new TextDecoder().decode(bytes));
  const sums = {
    rows: lines.length,
    bytes: bytes.length,
    sha256: sha256Hex(bytes),
    objectBytes: object.length,
    objectSha256: sha256Hex(object),
  };
  return { lines, sums };
}

function splitLines(text: string): string[] {
  const lines = text.split("\n");
  if (lines.pop() !== "") throw new RouterError("the object ends within a line");
  return lines;
}

async function pipe(
  bytes: Uint8Array,
  stream: CompressionStream | DecompressionStream,
): Promise<Uint8Array> {
  const piped = new Blob([bytes]).stream().pipeThrough(stream);
  return new Uint8Array(await new Response(piped).arrayBuffer());
}
