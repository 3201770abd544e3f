import { failureMessage } from "../lib/failure.ts";
import { rows, transaction } from "../lib/query.ts";
import {
  abandonPart,
  abandonParts,
  discardedParts,
  forgetParts,
  openParts,
  partByKey,
} from "../record/archives.ts";
import type { ArchiveDeps } from "./write-part.ts";

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
