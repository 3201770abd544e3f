import type { Deps } from "../ports/deps.ts";
import { RouterError } from "../lib/failure.ts";
import { rows } from "../lib/query.ts";
import { planPart, type PartCounts, type PartRange } from "../record/archives.ts";
import { readBytes, type ArchiveBucket } from "../ports/bucket.ts";
import { packLines, unpackLines } from "./pack.ts";

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
