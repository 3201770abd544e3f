import { z } from "zod";
import { type DigestRow, listDays } from "../../../record/digests.ts";
import { type Verification, verifyDay } from "../../audit/verify.ts";
import { PHASES, type Progress } from "../../audit/verify-archived.ts";
import { rows } from "../../../lib/query.ts";
import { decodeCursor, encodeCursor } from "../cursor.ts";
import { apiPart, endpoint, type ApiPart } from "../endpoint.ts";
import { should } from "../input.ts";
import { pageQuery, readPage } from "../page.ts";
import { isoInstant } from "../present.ts";
import { Problem } from "../problem.ts";
import { pageOf } from "../shapes.ts";
import { DIFFERENCES, DIGEST, digestShape, VERIFIED, verificationShape } from "./verify-shapes.ts";

const day = z.iso.date({ error: should("a day, YYYY-MM-DD") }).meta({
  description: "A closed day of UTC.",
  example: DIGEST.day,
});

/** A part of a place in a table: ids are ASCII, but for those that somebody tampered with. */
const placePart = z.string().transform((encoded, context) => {
  try {
    return decodeURIComponent(encoded);
  } catch {
    context.addIssue("is no part of a place");
    return z.NEVER;
  }
});

/** How far verifying a day has come, as a cursor holds it: without the parts that are null. */
const progressKey = z.tuple([
  z.literal("verify"),
  z.string(),
  z.enum(PHASES),
  z.int(),
  z.string().regex(/^[0-9a-f]{64}$/),
  z.int(),
  z.int(),
  z.string(),
  placePart,
  placePart,
  placePart,
]);

/** Whether the audit is as it was: the digests of its days. */
export function verifyApi(): ApiPart {
  const api = apiPart();

  endpoint(
    api,
    {
      method: "get",
      path: "/audit/digests",
      tag: "Audit",
      summary: "The digests of closed days",
      description: [
        "The newest first. Each day is hashed with the digest of the day before: keep one of them where nobody who can write to the",
        "database gets at it (the router's log has them too, as `audit_day_closed`), and everything before it can be proved.",
        "",
        "A day is closed ten minutes after it ends, UTC. It holds the commits that stood then: one that came later, though its",
        "instant is of that day, belongs to the next.",
      ].join("\n"),
      query: pageQuery,
      answers: {
        200: {
          description: "A page of days.",
          schema: pageOf(digestShape),
          example: { items: [DIGEST], nextCursor: null },
        },
      },
    },
    async ({ deps, query }) => {
      const { items, nextCursor } = await readPage(
        query,
        "digests",
        (before, limit) => rows(deps.db, listDays(before === "" ? null : before, limit)),
        (row) => row.day,
      );
      return { status: 200, body: { items: items.map(presentDay), nextCursor } };
    },
  );

  endpoint(
    api,
    {
      method: "get",
      path: "/audit/verify",
      tag: "Audit",
      summary: "Is the audit of a day as it was?",
      description: [
        "Reads every decision and event of the day again, makes its digest anew and compares. Also looks whether commits are",
        "missing, whether every row that a commit names is there, and whether there is a row that no commit names: of those",
        "about leads, among the leads that came in that day; so verify every day to have looked at all.",
        "",
        "A call reads some 20,000 rows. A longer day takes several: `verified` is null and `nextCursor` carries on.",
        "",
        "What it cannot see is somebody who makes every digest from a day on anew: compare the newest with the one in the log.",
      ].join("\n"),
      query: z.strictObject({ day, cursor: pageQuery.shape.cursor }),
      answers: {
        200: {
          description: "What was found. Also when something differs.",
          schema: verificationShape,
          example: VERIFIED,
        },
      },
      problems: ["not_found"],
    },
    async ({ deps, query }) => {
      const before = query.cursor === undefined ? null : decodeProgress(query.cursor, query.day);
      const verification = await verifyDay(deps, query.day, before);
      if (verification === null)
        throw new Problem("not_found", `The day ${query.day} has no digest: it is not closed.`, [
          { field: "day", message: "is not closed" },
        ]);
      return { status: 200, body: present(verification) };
    },
  );

  return api;
}

function presentDay({ firstNo, lastNo, at, ...row }: DigestRow): z.infer<typeof digestShape> {
  return {
    ...row,
    commits: lastNo - firstNo + 1,
    firstCommit: firstNo,
    lastCommit: lastNo,
    closedAt: isoInstant(at),
  };
}

function present({
  stored,
  progress,
  found,
  isComplete,
  previousMatches,
}: Verification): z.infer<typeof verificationShape> {
  return {
    ...presentDay(stored),
    verified: progress.differences > 0 ? false : isComplete ? true : null,
    recomputed: progress.recomputed,
    previousMatches,
    differences: found.slice(0, DIFFERENCES),
    differenceCount: progress.differences,
    nextCursor: isComplete ? null : encodeProgress(stored.day, progress),
  };
}

function encodeProgress(of: string, progress: Progress): string {
  const { phase, afterNo, state, rows: named, differences, recomputed, place } = progress;
  const [a = "", b = "", c = ""] = place?.map(encodeURIComponent) ?? [];
  const done = [phase, afterNo, state, named, differences, recomputed ?? ""];
  return encodeCursor(["verify", of, ...done, a, b, c]);
}

function decodeProgress(cursor: string, of: string): Progress {
  const key = progressKey.refine(([, cursorDay]) => cursorDay === of);
  const [, , phase, afterNo, state, named, differences, recomputed, ...place] = decodeCursor(
    cursor,
    key,
  );
  return {
    phase,
    afterNo,
    state,
    rows: named,
    differences,
    recomputed: recomputed === "" ? null : recomputed,
    place: place.every((part) => part === "") ? null : place,
  };
}
