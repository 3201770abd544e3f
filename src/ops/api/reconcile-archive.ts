import { z } from "zod";
import { reconcileArchive } from "../../archive/index.ts";
import { decodeCursor, encodeCursor } from "./cursor.ts";
import { apiPart, endpoint, type ApiPart } from "./endpoint.ts";
import { Problem } from "./problem.ts";

const placeKey = z.tuple([z.literal("reconcile"), z.string()]);
const keys = z.array(z.string()).readonly();

const reconciled = z
  .strictObject({
    looked: z.int().meta({ description: "Objects looked at." }),
    adopted: z
      .array(z.strictObject({ key: z.string(), inPlaceOf: z.string() }))
      .readonly()
      .meta({ description: "Objects that took the place of a part that an erasure had replaced." }),
    deleted: keys.meta({
      description: "Objects that nothing named, and all of which is elsewhere.",
    }),
    left: z
      .array(z.strictObject({ key: z.string(), why: z.string() }))
      .readonly()
      .meta({ description: "Objects that nothing names and that were left, and why." }),
    missing: keys.meta({ description: "Parts of which the bucket has no object." }),
    nextCursor: z
      .string()
      .nullable()
      .meta({ description: "Send it as `cursor` to go on; null when all is looked at." }),
  })
  .meta({ id: "ArchiveReconciled" });

/** `/archives/reconcile`. Mounted under /api. */
export function reconcileArchiveApi(): ApiPart {
  const api = apiPart();

  endpoint(
    api,
    {
      method: "post",
      path: "/archives/reconcile",
      tag: "Audit",
      summary: "Bring the archive's record and its bucket together",
      description: [
        "For after the database was set back: the bucket was not. A part that an erasure had replaced is the one of the bucket again, and an",
        "object that nothing names any more is deleted when it is older than an hour and all that it holds is in the database or in other",
        "parts. Repeat it with `nextCursor` until that is null, once at least an hour after the restore, and then erase again",
        "whoever was erased since the instant the database was set back to. Safe to repeat.",
      ].join("\n"),
      body: z.strictObject({
        cursor: z
          .string()
          .optional()
          .meta({ description: "The `nextCursor` of the answer before." }),
      }),
      bodyExample: {},
      answers: {
        200: {
          description: "What this call did.",
          schema: reconciled,
          example: {
            looked: 214,
            adopted: [
              {
                key: "leads/2026-08-14/0001-019a8f01-2c44-7d10-8f3e-51c0a7b9d6e2.ndjson.gz",
                inPlaceOf: "leads/2026-08-14/0001-019a7d3e-3f10-7c55-9d20-6b1f0e4d2a87.ndjson.gz",
              },
            ],
            deleted: [],
            left: [],
            missing: [],
            nextCursor: null,
          },
        },
      },
      problems: ["conflict"],
    },
    async ({ deps, body: { cursor } }) => {
      const { archive: bucket } = deps;
      if (!bucket) throw new Problem("conflict", "No bucket is bound as ARCHIVE.");
      const [, after] = cursor === undefined ? [] : decodeCursor(cursor, placeKey);
      const { next, ...done } = await reconcileArchive({ ...deps, bucket }, after ?? "");
      deps.log("info", "archive_reconciled", {
        rows: done.looked,
        count: done.adopted.length + done.deleted.length,
        missing: done.missing.length,
      });
      const nextCursor = next === null ? null : encodeCursor(["reconcile", next]);
      return { status: 200, body: { ...done, nextCursor } };
    },
  );

  return api;
}
