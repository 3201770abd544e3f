import type { Deps } from "../ports/deps.ts";
import { failureMessage, RouterError } from "../lib/failure.ts";
import { type Query, rows, transaction } from "../lib/query.ts";
import {
  abandonPart,
  abandonParts,
  closeRemoval,
  discardedParts,
  forgetParts,
  openParts,
  openRemoval,
  type Packed,
  partByKey,
  type PartCounts,
  type PartRange,
  type PartRow,
  planPart,
  type Sums,
} from "../record/archives.ts";
import { type ArchiveBucket, readBytes } from "../ports/bucket.ts";
import { sha256Hex } from "../lib/digest.ts";

/** What the router may touch, its bucket being bound. */
export interface ArchiveDeps extends Deps {
  readonly bucket: ArchiveBucket;
}

/** Lines that are to become a part. */
export interface Draft {
  readonly range: PartRange;
  readonly part: number;
  readonly lines: readonly string[];
  readonly erased: number;
  readonly counts: PartCounts;
  readonly replaces?: string;
}

const CONTENT_TYPE = "application/gzip";

/**
 * Writes a part and reads it back: when this resolves, the bucket has it whole. Rejects otherwise. Yields its key, under which nothing
 * was ever written before: whoever was at the same part at the same time has another.
 */
export async function writePart(deps: ArchiveDeps, draft: Draft): Promise<string> {
  const { range, part, erased, counts, replaces = null } = draft;
  const packed = await packLines(draft.lines);
  const key = `${range.kind}/${range.day}/${String(part).padStart(4, "0")}-${deps.newId()}.ndjson.gz`;
  const { object, ...sums } = packed;
  await rows(
    deps.db,
    planPart({ ...sums, key, part, range, erased, counts, writtenAt: deps.now(), replaces }),
  );
  await deps.bucket.put(key, object, CONTENT_TYPE);
  const stored = await deps.bucket.get(key);
  if (stored === null) throw new RouterError("the bucket does not have what was put into it");
  await unpackLines(await readBytes(stored), sums);
  return key;
}

async function packLines(lines: readonly string[]): Promise<Packed> {
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

/**
 * The lines of a part: some megabytes.
 * @throws {RouterError} where the bucket does not have it as it was written
 */
export async function readPart(
  { bucket }: { readonly bucket: ArchiveBucket },
  part: PartRow,
): Promise<string[]> {
  const object = await bucket.get(part.key);
  if (object === null) throw new RouterError("a part of the archive is not in the bucket");
  return await unpackLines(await readBytes(object), part);
}

/**
 * What is read out of a part's lines; null, which is logged, where the bucket does not give the part as it was written or its lines are
 * no leads: for whoever goes on without it.
 */
export async function readFromPart<Read>(
  { bucket, log }: Pick<Deps, "log"> & { readonly bucket: ArchiveBucket },
  part: PartRow,
  read: (lines: readonly string[]) => Read,
): Promise<Read | null> {
  try {
    return read(await readPart({ bucket }, part));
  } catch (error) {
    log("error", "archive_unreadable", { path: part.key, error: failureMessage(error) });
    return null;
  }
}

/** What a part covers. Throws where the row names no range, which the table's CHECKs rule out. */
export function rangeOf({ kind, day, firstLead, lastLead, firstNo, lastNo }: PartRow): PartRange {
  if (kind === "leads" && firstLead !== null && lastLead !== null)
    return { kind, day, first: firstLead, last: lastLead };
  if (kind === "audit" && firstNo !== null && lastNo !== null)
    return { kind, day, first: firstNo, last: lastNo };
  throw new RouterError("a part of the archive covers nothing");
}

/**
 * Removes the rows of a part that is written, as one transaction: all of them and the part stands, or none and it is given up, as when
 * something came that it lacks. Rejects when it did not happen or is not known to have.
 */
export async function removeRows(
  deps: ArchiveDeps,
  key: string,
  removal: readonly Query[],
): Promise<void> {
  try {
    await transaction(deps.db, [openRemoval(key), ...removal, closeRemoval(key, deps.now())]);
  } catch (error) {
    await dropPart(deps, key);
    throw error;
  }
}

/** Objects deleted per run. */
const DISCARDED_AT_ONCE = 100;

/**
 * Gives a part up that is written but may not stand, and deletes its object at once; what is left of it {@link tidyArchive} finds. Never
 * rejects, and does nothing to a part that stands: for when it is not known.
 */
export async function dropPart(deps: ArchiveDeps, key: string): Promise<void> {
  try {
    const [, [part]] = await transaction(deps.db, [abandonPart(key), partByKey(key)]);
    if (part?.state !== "discarded") return;
    await deps.bucket.delete([key]);
    await rows(deps.db, forgetParts([key]));
  } catch (error) {
    deps.log("warn", "archive_put_off", { path: key, error: failureMessage(error) });
  }
}

/**
 * Deletes the objects of parts that were given up or replaced: they may hold people whom nobody would find there. Tells of a part that
 * stands open for removal: somebody other than the router opened it.
 */
export async function tidyArchive(deps: ArchiveDeps): Promise<void> {
  const now = deps.now();
  const [, discarded, open] = await transaction(deps.db, [
    abandonParts(now),
    discardedParts(now, DISCARDED_AT_ONCE),
    openParts(),
  ]);
  for (const { key } of open) deps.log("error", "archive_left_open", { path: key });
  if (discarded.length === 0) return;
  const keys = discarded.map(({ key }) => key);
  await deps.bucket.delete(keys);
  await rows(deps.db, forgetParts(keys));
}
