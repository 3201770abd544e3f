import { z } from "zod";
import { listStuck, type StuckRow } from "../../sweep/index.ts";
import { decodeCursor, encodeCursor } from "./cursor.ts";
import { apiPart, endpoint, type ApiPart } from "./endpoint.ts";
import { LEAD_ID } from "./leads/lead-examples.ts";
import { pageQuery } from "./page.ts";
import { isoInstant } from "./present.ts";
import { isoText, pageOf } from "./shapes.ts";

const kind = z.enum(["route", "notify", "release", "debit"]);
const stuckKey = z.tuple([z.literal("stuck"), z.string(), z.int(), kind]);

/** What each kind waits for, in the words of whoever asks. */
const WAITS_FOR = {
  route: "decision",
  notify: "notification",
  release: "release",
  debit: "debit",
} as const;

const stuckItem = z
  .strictObject({
    leadId: z.string(),
    generation: z.int(),
    waitsFor: z.enum(["decision", "notification", "release", "debit"]).meta({
      description:
        "`release`: a pod is to free its open slot; `debit`: a pod is to count it in the rotation.",
    }),
    receivedAt: isoText.meta({ description: "When the lead came in." }),
    ageSeconds: z.int().min(0).meta({ description: "Since then." }),
    tries: z.int().meta({ description: "Goes of the sweep so far; their pace doubles." }),
    nextTryAt: isoText,
    cause: z.string().nullable().meta({
      description: "What went wrong last; null = nothing came back, as when a message got lost.",
    }),
  })
  .meta({ id: "Stuck", description: "What has to be tried again." });

const EXAMPLE: z.infer<typeof stuckItem> = {
  leadId: LEAD_ID,
  generation: 1,
  waitsFor: "decision",
  receivedAt: "2026-11-22T09:30:00.007Z",
  ageSeconds: 1_903,
  tries: 5,
  nextTryAt: "2026-11-22T10:17:00.000Z",
  cause: "Network connection lost",
};

/** `/stuck`. Mounted under /api. */
export function stuckApi(): ApiPart {
  const api = apiPart();

  endpoint(
    api,
    {
      method: "get",
      path: "/stuck",
      tag: "Health",
      summary: "What is stuck?",
      description:
        "What was tried and has to be tried again, the oldest lead first. All of it is on the sweep's list and goes again by itself; leads " +
        "that stand in a pod's line are not here but in `GET /pods/{pod}`. Reads a bounded number of rows.",
      query: pageQuery,
      answers: {
        200: {
          description: "A page of what is stuck.",
          schema: pageOf(stuckItem).extend({
            oldestUnswept: z
              .strictObject({ leadId: z.string(), ageSeconds: z.int().min(0) })
              .nullable()
              .meta({
                description:
                  "The oldest lead that the sweep has not looked at. It looks a minute after a lead came in: older than a few minutes, and the cron does not run or cannot keep up.",
              }),
          }),
          example: {
            items: [EXAMPLE],
            nextCursor: null,
            oldestUnswept: { leadId: LEAD_ID, ageSeconds: 31 },
          },
        },
      },
    },
    async ({ deps, query: { limit, cursor } }) => {
      const now = deps.now();
      const [, leadId, generation, of] = cursor === undefined ? [] : decodeCursor(cursor, stuckKey);
      const after =
        leadId === undefined || generation === undefined || of === undefined
          ? null
          : { leadId, generation, kind: of };
      const { rows, next, unswept } = await listStuck(deps.db, now, limit, after);
      return {
        status: 200,
        body: {
          items: rows.map((row) => present(row, now)),
          nextCursor: next && encodeCursor(["stuck", next.leadId, next.generation, next.kind]),
          oldestUnswept: unswept && {
            leadId: unswept.leadId,
            ageSeconds: secondsSince(unswept.receivedAt, now),
          },
        },
      };
    },
  );

  return api;
}

function present(row: StuckRow, now: number): z.infer<typeof stuckItem> {
  const { leadId, generation, receivedAt, tries, due, cause } = row;
  return {
    leadId,
    generation,
    waitsFor: WAITS_FOR[row.kind],
    receivedAt: isoInstant(receivedAt),
    ageSeconds: secondsSince(receivedAt, now),
    tries,
    nextTryAt: isoInstant(due),
    cause,
  };
}

function secondsSince(instant: number, now: number): number {
  return Math.max(0, Math.round((now - instant) / 1_000));
}
