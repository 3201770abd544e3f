import { transaction, type Query } from "../lib/query.ts";
import { closeRemoval, openRemoval } from "../record/archives.ts";
import { dropPart } from "./tidy.ts";
import type { ArchiveDeps } from "./write-part.ts";

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
