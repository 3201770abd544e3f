import { z } from "zod";
import { FORMAT, manifestKey, unpackLines } from "../../archive/index.ts";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

const manifestShape = z.object({
  format: z.literal(FORMAT),
  kind: z.enum(["leads", "audit"]),
  day: z.string(),
  parts: z.array(
    z.object({
      key: z.string(),
      part: z.int(),
      rows: z.int(),
      bytes: z.int(),
      sha256: z.string(),
      objectBytes: z.int(),
      objectSha256: z.string(),
      first: z.union([z.string(), z.int()]),
      last: z.union([z.string(), z.int()]),
    }),
  ),
});

type Manifest = z.infer<typeof manifestShape>;

/** A part whose object, lines and range are as its manifest says. */
export interface WalkedPart {
  readonly key: string;
  readonly kind: Manifest["kind"];
  readonly lines: readonly string[];
}

/** What {@link walkArchive} saw. */
export interface Walked {
  readonly days: number;
  readonly parts: number;
  readonly rows: number;
  /** In words, each naming the object; none = the archive is whole. */
  readonly problems: readonly string[];
}

const MANIFEST = /^(leads|audit)\/(\d{4}-\d\d-\d\d)\/manifest\.json$/;

/**
 * Reads the whole archive, a part at a time: leads, then the audit, by day. Checks every checksum, that every object is named by a manifest and
 * every one that is named is there, that leads are in order and the commits have no gap.
 * @param visit is given each part that is right
 */
export async function walkArchive(
  source: ArchiveSource,
  visit: (part: WalkedPart) => void = () => {},
): Promise<Walked> {
  const problems: string[] = [];
  const keys = await source.keys();
  const unnamed = new Set(keys.filter((key) => !MANIFEST.test(key)));
  const manifests = keys.filter((key) => MANIFEST.test(key));
  const seen = { days: 0, parts: 0, rows: 0 };
  let commit: number | null = null;

  /** Takes in one part. Rejects when it is not what the manifest says. */
  const take = async (kind: Manifest["kind"], part: Part) => {
    const lines = await unpackLines(await source.read(part.key), part);
    if (kind === "leads") checkLeads(part.key, lines, part);
    else {
      const [first, last] = checkCommits(part.key, lines, part);
      if (commit !== null && first !== commit + 1)
        problems.push(`${part.key} begins with commit ${first}, after ${commit}`);
      commit = last;
    }
    seen.parts++;
    seen.rows += lines.length;
    visit({ key: part.key, kind, lines });
  };

  // Leads come first: what the audit's rows are about is there before them.
  for (const key of manifests
    .toSorted()
    .toSorted((a, b) => (b[0] ?? "").localeCompare(a[0] ?? ""))) {
    seen.days++;
    const manifest = await readManifest(source, key).catch((error: unknown) => {
      problems.push(`${key}: ${wordsOf(error)}`);
      return null;
    });
    if (manifest === null) continue;
    for (const part of manifest.parts) {
      unnamed.delete(part.key);
      try {
        await take(manifest.kind, part);
      } catch (error) {
        problems.push(`${part.key}: ${wordsOf(error)}`);
        // After a known gap, start again.
        commit = typeof part.last === "number" ? part.last : commit;
      }
    }
  }
  for (const key of unnamed) problems.push(`${key} is in no manifest`);
  return { ...seen, problems };
}

/** @throws {Error} when it is none, or that of another day */
async function readManifest(source: ArchiveSource, key: string): Promise<Manifest> {
  const manifest = manifestShape.parse(
    JSON.parse(new TextDecoder().decode(await source.read(key))),
  );
  const [, kind, day] = MANIFEST.exec(key) ?? [];
  if (manifest.kind !== kind || manifest.day !== day) throw new Error("it is that of another day");
  return manifest;
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

type Part = Manifest["parts"][number];

function checkLeads(key: string, lines: readonly string[], { first, last }: Part): void {
  const ids = lines.map((line) => String(JSON.parse(line).id));
  const ordered = ids.every((id, at) => at === 0 || (ids[at - 1] ?? "") < id);
  if (!ordered || ids[0] !== first || ids.at(-1) !== last)
    throw new Error(`${key} does not hold the leads that it should`);
}

function checkCommits(
  key: string,
  lines: readonly string[],
  { first, last }: Part,
): readonly [first: number, last: number] {
  const numbers = lines
    .map((line): { table?: unknown; no?: unknown } => JSON.parse(line))
    .flatMap(({ table, no }) => (table === "commits" ? [Number(no)] : []));
  const [begin, end] = [numbers[0], numbers.at(-1)];
  const gapless = numbers.every((no, at) => no === Number(first) + at);
  if (begin === undefined || end === undefined || !gapless || end !== last)
    throw new Error(`${key} does not hold the commits that it should`);
  return [begin, end];
}

/** Where the archive is read from: the folder it was downloaded to, or a running router. */
export interface ArchiveSource {
  /** Names of the objects there are; of a router those that it has on record. */
  keys(): Promise<readonly string[]>;
  /** @throws {Error} when there is no such object, or it cannot be had */
  read(key: string): Promise<Uint8Array>;
}

/** A folder with the bucket's objects under their names. */
export function folderSource(folder: string): ArchiveSource {
  return {
    async keys() {
      const entries = await readdir(folder, { recursive: true, withFileTypes: true });
      return entries
        .filter((entry) => entry.isFile())
        .map(({ parentPath, name }) => join(parentPath, name).slice(join(folder, "/").length))
        .filter((key) => /^(leads|audit)\//.test(key))
        .toSorted();
    },
    read: (key) => readFile(join(folder, key)),
  };
}

const listed = z.object({
  items: z.array(z.object({ key: z.string(), kind: z.enum(["leads", "audit"]), day: z.string() })),
  nextCursor: z.string().nullable(),
});

/** A running router's `/api/archives`. @param base "https://leads.acme.com" */
export function apiSource(base: string, token: string): ArchiveSource {
  const call = async (path: string): Promise<Response> => {
    const url = `${base.replace(/\/+$/, "")}/api/archives${path}`;
    const response = await fetch(url, { headers: { Authorization: `Bearer ${token}` } });
    if (!response.ok) throw new Error(`${url} answered ${response.status}`);
    return response;
  };
  return {
    async keys() {
      const keys = new Set<string>();
      for (let cursor: string | null = ""; cursor !== null;) {
        const page = await call(`?limit=200${cursor === "" ? "" : `&cursor=${cursor}`}`);
        const { items, nextCursor } = listed.parse(await page.json());
        for (const { key, kind, day } of items) keys.add(key).add(manifestKey(kind, day));
        cursor = nextCursor;
      }
      return [...keys].toSorted();
    },
    read: async (key) => new Uint8Array(await (await call(`/${key}`)).arrayBuffer()),
  };
}
