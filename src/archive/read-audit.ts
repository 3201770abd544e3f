import type { Deps } from "../ports/deps.ts";
import { RouterError } from "../lib/failure.ts";
import { rows } from "../lib/query.ts";
import { keptParts, type PartRow } from "../record/archives.ts";
import type { ArchiveBucket } from "../ports/bucket.ts";
import { readPart } from "./read-part.ts";

/** The lines of some commits of the audit that were removed, exactly those of src/record/digest-lines.ts. */
export interface ArchivedAudit {
  /** The commits: all of them, both ends included. */
  readonly firstNo: number;
  readonly lastNo: number;
  /** Null where the bucket does not have them as they were written. */
  readonly lines: readonly string[] | null;
}

/**
 * The archived lines of a closed day of the audit, part by part in the order of commits; nothing where none of its commits were removed.
 * The rest of them, above the last part's `lastNo`, is in the database. Each part is checked against its sums; one that fails them, or is
 * gone, does not keep the next from being read.
 * @param after skips the parts that end at or below this commit
 */
export async function* readArchivedAuditLines(
  deps: Pick<Deps, "db" | "archive">,
  day: string,
  after = 0,
): AsyncGenerator<ArchivedAudit, void, undefined> {
  const { db, archive: bucket } = deps;
  if (!bucket) return;
  for (const part of await rows(db, keptParts("audit", day))) {
    const { firstNo, lastNo } = part;
    if (firstNo === null || lastNo === null || lastNo <= after) continue;
    yield { firstNo, lastNo, lines: await readOrNull(bucket, part) };
  }
}

async function readOrNull(bucket: ArchiveBucket, part: PartRow): Promise<readonly string[] | null> {
  try {
    return await readPart({ bucket }, part);
  } catch (error) {
    if (!(error instanceof RouterError)) throw error;
    return null;
  }
}
