import type { Deps } from "../ports/deps.ts";
import { failureMessage, RouterError } from "../lib/failure.ts";
import type { PartRange, PartRow } from "../record/archives.ts";
import { readBytes, type ArchiveBucket } from "../ports/bucket.ts";
import { unpackLines } from "./pack.ts";

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
