import { rows, transaction } from "../lib/query.ts";
import { keptKeys, namedKeys } from "../record/archives.ts";
import { writeManifests } from "./manifest.ts";
import { judgeOrphan, namesPart } from "./orphan.ts";
import { type ArchiveDeps, tidyArchive } from "./parts.ts";

/** Keys looked at per call. */
const KEYS = 500;
/** Objects read per call: each takes some seven calls of D1 and bucket, and the free plan allows 50. */
const ORPHANS = 5;
/** How young an object is spared, in milliseconds: a process from before the database was set back may still be at it. */
const YOUNG_MS = 60 * 60_000;

/** What one call did. */
export interface Reconciled {
  /** Objects looked at. */
  readonly looked: number;
  /** Objects that took the place of a part. */
  readonly adopted: readonly { readonly key: string; readonly inPlaceOf: string }[];
  /** Objects that nothing named and nobody needs: they are gone. */
  readonly deleted: readonly string[];
  /** Objects that nothing names and that stay. */
  readonly left: readonly { readonly key: string; readonly why: string }[];
  /** Kept parts of which the bucket has no object. */
  readonly missing: readonly string[];
  /** The last key looked at: where to carry on; null = all are looked at. */
  readonly next: string | null;
}

/**
 * Brings the table `archives` and the bucket together, for after the database was set back: it may name objects that were replaced since,
 * and not know those that were written since. Some of it a call; safe to repeat.
 */
export async function reconcileArchive(deps: ArchiveDeps, after: string): Promise<Reconciled> {
  const { db, bucket } = deps;
  const { objects, more } = await bucket.list(after, KEYS);
  const parts = objects.filter(({ key }) => namesPart(key));
  const named = new Set(
    (await rows(db, namedKeys(parts.map(({ key }) => key)))).map(({ key }) => key),
  );
  const orphans = parts.filter(({ key }) => !named.has(key));
  const now = orphans.slice(0, ORPHANS);
  const cut = orphans.length > now.length ? now.at(-1)?.key : undefined;
  const next = cut ?? (more ? (objects.at(-1)?.key ?? null) : null);

  const adopted: { key: string; inPlaceOf: string }[] = [];
  const deleted: string[] = [];
  const left: { key: string; why: string }[] = [];
  for (const { key, uploadedAt } of now) {
    const judged = await judgeOrphan(deps, key);
    if (judged.fate === "adopted") adopted.push({ key, inPlaceOf: judged.inPlaceOf });
    else if (judged.fate === "left") left.push({ key, why: judged.why });
    else if (deps.now() - uploadedAt < YOUNG_MS) left.push({ key, why: "it is not an hour old" });
    else deleted.push(key);
  }
  if (deleted.length > 0) await bucket.delete(deleted);
  if (adopted.length > 0) {
    await tidyArchive(deps);
    await writeManifests(deps);
  }

  const there = new Set(objects.map(({ key }) => key));
  const [kept] = await transaction(db, [keptKeys(after, next, 2 * KEYS)]);
  const missing = kept.filter(({ key }) => !there.has(key)).map(({ key }) => key);
  const looked = next === null ? objects.length : objects.filter(({ key }) => key <= next).length;
  return { looked, adopted, deleted, left, missing, next };
}
