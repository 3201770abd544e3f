import { z } from "zod";
import { isoText } from "../shapes.ts";

/** Differences one answer lists: whoever changed more than that has changed everything. */
export const DIFFERENCES = 100;

const digest = z.string().meta({ description: "SHA-256, as hex." });

export const digestShape = z
  .strictObject({
    day: z.string().meta({ description: "UTC: YYYY-MM-DD." }),
    digest,
    previous: digest.meta({
      description: "The digest of the day before; 64 zeros before the first.",
    }),
    commits: z.int(),
    rows: z.int().meta({ description: "Decisions and events of these commits." }),
    firstCommit: z.int(),
    lastCommit: z
      .int()
      .meta({ description: "`firstCommit` - 1 on a day on which nothing happened." }),
    closedAt: isoText,
  })
  .meta({ id: "Digest", description: "What the audit was when its day was closed." });

const difference = z
  .strictObject({
    kind: z
      .enum([
        "previous",
        "changed",
        "page_missing",
        "commits_missing",
        "archive_unreadable",
        "row_missing",
        "row_misnumbered",
        "row_unnamed",
        "digest",
      ])
      .meta({
        description:
          "`changed`: what these commits and their rows say is not what was hashed; `digest`: nor is the day's digest; `previous`: " +
          "the day before is another; `page_missing`: the digest of these commits is gone; `commits_missing`, `row_missing`: they are " +
          "gone; `archive_unreadable`: the archive has them no more as they were written; `row_misnumbered`: it says it is of another commit; `row_unnamed`: no commit knows of it.",
      }),
    firstCommit: z.int().meta({ description: "It is among the commits from this one" }),
    lastCommit: z.int().meta({ description: "to this one." }),
    row: z
      .string()
      .nullable()
      .meta({ description: 'Which row: `["decision", leadId, generation]` and the like.' }),
  })
  .meta({ id: "AuditDifference" });

export const verificationShape = z
  .strictObject({
    ...digestShape.shape,
    verified: z.boolean().nullable().meta({
      description:
        "False once anything differs; null = nothing does so far, and `nextCursor` carries on.",
    }),
    recomputed: z
      .string()
      .nullable()
      .meta({ description: "The digest made anew; null until every commit was read." }),
    previousMatches: z
      .boolean()
      .meta({ description: "Whether the day takes up where the day before ends." }),
    differences: z
      .array(difference)
      .readonly()
      .meta({ description: `What this call found, the first ${DIFFERENCES}.` }),
    differenceCount: z.int().meta({ description: "All so far, those of earlier calls too." }),
    nextCursor: z
      .string()
      .nullable()
      .meta({ description: "Send it as `cursor` to go on; null when all was looked at." }),
  })
  .meta({ id: "Verification" });

/** A day as it really comes. */
export const DIGEST: z.infer<typeof digestShape> = {
  day: "2026-11-22",
  digest: "0f3f0a3cb5a0f2d29b1ad4c5ef0ad7b2e56f2b54a4f9a8c1c0d8b7f6e5a43210",
  previous: "7d8659be2c5f0b3a9e4d1f6c8a7b2e5d4c3f0a9b8e7d6c5f4a3b2c1d0e9f8a7b",
  commits: 214,
  rows: 388,
  firstCommit: 1_871,
  lastCommit: 2_084,
  closedAt: "2026-11-23T00:10:04.113Z",
};

export const VERIFIED: z.infer<typeof verificationShape> = {
  ...DIGEST,
  verified: true,
  recomputed: DIGEST.digest,
  previousMatches: true,
  differences: [],
  differenceCount: 0,
  nextCursor: null,
};
