import { z } from "zod";
import { listParts, partByKey, type PartRow } from "../../record/archives.ts";
import { FORMAT, listPart, manifestKey } from "../../archive/index.ts";
import type { Deps } from "../../ports/deps.ts";
import { rows } from "../../lib/query.ts";
import { decodeCursor, encodeCursor } from "./cursor.ts";
import { apiPart, endpoint, type ApiPart } from "./endpoint.ts";
import { pageQuery } from "./page.ts";
import { isoInstant } from "./present.ts";
import { Problem } from "./problem.ts";
import { isoText, pageOf } from "./shapes.ts";

const kind = z.enum(["leads", "audit"]);
const day = z.iso.date().meta({ description: "UTC." });
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const partKey = z.tuple([z.literal("archives"), kind, z.string(), z.int()]);

const partShape = z.strictObject({
  key: z.string().meta({ description: "The object's name in the bucket." }),
  part: z.int().min(1).meta({ description: "Its number among the parts of the day." }),
  rows: z.int().meta({ description: "Lines of NDJSON." }),
  bytes: z.int().meta({ description: "Of the lines." }),
  sha256: sha256.meta({ description: "SHA-256 of the lines." }),
  objectBytes: z.int().meta({ description: "Of the compressed object." }),
  objectSha256: sha256.meta({ description: "SHA-256 of the object as it is stored." }),
  first: z
    .union([z.string(), z.int()])
    .meta({ description: "The first lead, or the number of the first commit." }),
  last: z.union([z.string(), z.int()]),
  erased: z.int().meta({ description: "Leads in it of which the person is erased." }),
  chainVersions: z
    .array(z.string())
    .readonly()
    .meta({ description: "Versions of the rules that made its decisions." }),
});

const archivedPart = z
  .strictObject({
    kind,
    day,
    ...partShape.shape,
    removedAt: isoText.meta({ description: "When its rows left the database." }),
  })
  .meta({ id: "ArchivedPart" });

const manifest = z
  .strictObject({
    format: z.literal(FORMAT),
    kind,
    day,
    parts: z
      .array(
        z.strictObject({
          ...partShape.shape,
          removedAt: z.int().meta({ description: "Milliseconds since the epoch." }),
        }),
      )
      .readonly(),
  })
  .meta({ id: "ArchiveManifest", description: "All parts of a day, as it stands beside them." });

const PART: z.infer<typeof partShape> = {
  key: "leads/2026-08-14/0001-019a7d3e-3f10-7c55-9d20-6b1f0e4d2a87.ndjson.gz",
  part: 1,
  rows: 1_204,
  bytes: 541_800,
  sha256: "9b74c9897bac770ffc029102a200c5de9b74c9897bac770ffc029102a200c5de",
  objectBytes: 88_012,
  objectSha256: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  first: "0198a5f0-1c00-7b3a-8e11-4f6d2c9a0b75",
  last: "0198ab15-9f2e-7d41-a0c3-52e7b8f91d06",
  erased: 1,
  chainVersions: [],
};

/** `/archives`. Mounted under /api. */
export function archiveApi(): ApiPart {
  const api = apiPart();

  endpoint(
    api,
    {
      method: "get",
      path: "/archives",
      tag: "Audit",
      summary: "What was moved to the archive?",
      description:
        "The parts that hold what is older than `RETENTION_DAYS`: the audit's first, then leads, by day. A part's rows left the database in the transaction that " +
        "recorded it, after the object was read back and its checksums were right.",
      query: pageQuery,
      answers: {
        200: {
          description: "A page of parts.",
          schema: pageOf(archivedPart),
          example: {
            items: [
              {
                kind: "leads",
                day: "2026-08-14",
                ...PART,
                removedAt: "2026-11-13T00:01:02.007Z",
              },
            ],
            nextCursor: null,
          },
        },
      },
    },
    async ({ deps, query: { limit, cursor } }) => {
      const [, ofKind, ofDay, part] = cursor === undefined ? [] : decodeCursor(cursor, partKey);
      const after =
        ofKind === undefined || ofDay === undefined || part === undefined
          ? null
          : { kind: ofKind, day: ofDay, part };
      const found = await rows(deps.db, listParts(after, limit + 1));
      const items = found.slice(0, limit);
      const last = items.at(-1);
      const nextCursor =
        found.length > limit && last !== undefined
          ? encodeCursor(["archives", last.kind, last.day, last.part])
          : null;
      return { status: 200, body: { items: items.map(present), nextCursor } };
    },
  );

  endpoint(
    api,
    {
      method: "get",
      path: "/archives/{kind}/{day}/{name}",
      tag: "Audit",
      summary: "Download a part of the archive, or a day's manifest",
      description:
        "As it is stored: a part is gzipped NDJSON, a lead or an audit row a line under the names of its columns; `manifest.json` names all parts of the day. " +
        "`npm run archive -- verify` checks what was downloaded, `npm run archive -- restore` makes a SQLite database of it.",
      params: z.object({ kind, day, name: z.string() }),
      answers: {
        200: {
          description: "The object.",
          schema: manifest,
          example: {
            format: FORMAT,
            kind: "leads",
            day: "2026-08-14",
            parts: [{ ...PART, removedAt: 1_794_528_062_007 }],
          },
          alsoAs: { "application/gzip": "(bytes)" },
        },
      },
      problems: ["not_found"],
    },
    async ({ deps, params }) => {
      const key = `${params.kind}/${params.day}/${params.name}`;
      const isManifest = key === manifestKey(params.kind, params.day);
      const object =
        isManifest || (await isKept(deps, key)) ? await deps.archive?.get(key) : undefined;
      if (!object) throw new Problem("not_found", "There is no such object in the archive.");
      return new Response(object.body, {
        headers: {
          "content-type": isManifest ? "application/json" : "application/gzip",
          "content-length": String(object.size),
        },
      });
    },
  );

  return api;
}

/** Parts that were given up, or from which somebody was erased since, are nobody's to have. */
async function isKept({ db }: Deps, key: string): Promise<boolean> {
  const [part] = await rows(db, partByKey(key));
  return part?.state === "kept";
}

function present(row: PartRow): z.infer<typeof archivedPart> {
  const { removedAt, ...part } = listPart(row);
  return { kind: row.kind, day: row.day, ...part, removedAt: isoInstant(removedAt) };
}
