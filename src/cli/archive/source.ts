import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { manifestKey } from "../../archive/index.ts";

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
