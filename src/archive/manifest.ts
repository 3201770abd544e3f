import { rows, transaction } from "../lib/query.ts";
import {
  keptParts,
  markListed,
  unlistedDays,
  type PartKind,
  type PartRow,
} from "../record/archives.ts";
import type { ArchiveDeps } from "./parts.ts";

// Each day's manifest stands beside its parts and names all of them: whoever has the folder can tell that nothing is missing. It is
// made from the table `archives` and follows it.

export const FORMAT = "lead-router-archive/1";
/** Days per run. */
const DAYS_AT_ONCE = 10;
/** Others may add parts meanwhile; whoever writes last has to have seen all of them. */
const MOST_WRITES = 3;

/** A part as a manifest and the API name it. Instants are milliseconds since the epoch. */
export interface ListedPart {
  readonly key: string;
  readonly part: number;
  /** Lines of NDJSON. */
  readonly rows: number;
  readonly bytes: number;
  /** Of the lines, as hex. */
  readonly sha256: string;
  readonly objectBytes: number;
  /** Of the object as it is stored, as hex. */
  readonly objectSha256: string;
  /** The first lead, or the first commit. */
  readonly first: string | number;
  readonly last: string | number;
  /** Leads among the rows of which the person is erased. */
  readonly erased: number;
  readonly chainVersions: readonly string[];
  readonly removedAt: number;
}

/** All parts of a day. */
interface Manifest {
  readonly format: typeof FORMAT;
  readonly kind: PartKind;
  /** UTC. */
  readonly day: string;
  readonly parts: readonly ListedPart[];
}

export function manifestKey(kind: PartKind, day: string): string {
  return `${kind}/${day}/manifest.json`;
}

/** Brings the manifests up to date that do not name all parts of their day. */
export async function writeManifests(deps: ArchiveDeps): Promise<void> {
  for (const { kind, day } of await rows(deps.db, unlistedDays(DAYS_AT_ONCE)))
    await writeManifest(deps, kind, day);
}

export async function writeManifest(deps: ArchiveDeps, kind: PartKind, day: string): Promise<void> {
  let parts = await rows(deps.db, keptParts(kind, day));
  for (let writes = 0; writes < MOST_WRITES; writes++) {
    const manifest: Manifest = { format: FORMAT, kind, day, parts: parts.map(listPart) };
    const text = `${JSON.stringify(manifest, null, 2)}\n`;
    const object = new TextEncoder().encode(text);
    await deps.bucket.put(manifestKey(kind, day), object, "application/json");
    const written = parts.map(({ key }) => key);
    const [, now] = await transaction(deps.db, [markListed(written), keptParts(kind, day)]);
    if (now.length === written.length && now.every(({ key }, at) => key === written[at])) return;
    parts = now;
  }
}

/** @throws {SyntaxError} when `counts` is no JSON, which the table's CHECK rules out */
export function listPart(row: PartRow): ListedPart {
  const { key, part, rows: lines, bytes, sha256, objectBytes, objectSha256, erased } = row;
  const counts: { readonly chainVersions: readonly string[] } = JSON.parse(row.counts);
  return {
    key,
    part,
    rows: lines,
    bytes,
    sha256,
    objectBytes,
    objectSha256,
    first: row.firstLead ?? row.firstNo ?? "",
    last: row.lastLead ?? row.lastNo ?? "",
    erased,
    chainVersions: counts.chainVersions,
    removedAt: row.removedAt ?? 0,
  };
}
