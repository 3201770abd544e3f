import { z } from "zod";
import { listSkipped, type Skip } from "../../audit/skipped.ts";
import type { Deps } from "../../../ports/deps.ts";
import { podsOfRep, readRep } from "../../../roster/index.ts";
import { rows } from "../../../lib/query.ts";
import { decodeCursor, encodeCursor } from "../cursor.ts";
import { apiPart, endpoint, type ApiPart } from "../endpoint.ts";
import { id, instant } from "../input.ts";
import { LEAD_ID } from "./lead-examples.ts";
import { eligibility, generationField } from "./lead-shapes.ts";
import { pageQuery } from "../page.ts";
import { isoInstant } from "../present.ts";
import { Problem } from "../problem.ts";
import { isoText, pageOf } from "../shapes.ts";

/** How far back the list goes when nobody says from when, in milliseconds. */
const DEFAULT_WINDOW_MS = 7 * 24 * 60 * 60 * 1000;

const skippedQuery = z
  .strictObject({
    ...pageQuery.shape,
    from: instant.optional().meta({
      description: "Leads received at or after; left out = 7 days before `to`.",
    }),
    to: instant.optional().meta({ description: "Leads received before; left out = now." }),
  })
  .refine(({ from, to }) => from === undefined || to === undefined || from < to, {
    path: ["from"],
    error: "should be before to",
  });

const skipKey = z.tuple([z.literal("skipped"), z.string(), z.int(), z.int()]);

const skip = z
  .strictObject({
    leadId: z.string(),
    generation: generationField,
    receivedAt: isoText,
    decidedAt: isoText,
    rule: z.string().meta({ description: "The rule by which the rep could have got the lead." }),
    podId: z.string().nullable().meta({
      description: "The pod that was asked; null = the rep owns the lead's account.",
    }),
    eligibility: eligibility.nullable().meta({
      description: "`eligible` = it was somebody else's turn; null where no pod was asked.",
    }),
    reason: z.string().meta({
      description:
        "In words that a sales rep understands; where a pod was asked they read on after the rep's name.",
    }),
    until: isoText.nullable().meta({
      description:
        "When what was in the way ends by itself; null where nothing was or nobody knows.",
    }),
    ownerId: z.string().nullable().meta({ description: "Who got the lead; null = nobody." }),
    owed: z.number().nullable().meta({
      description:
        "Leads owed to the rep at the draw, their share of this lead included; null = not eligible.",
    }),
    pickedOwed: z.number().nullable().meta({ description: "The same of who was picked." }),
  })
  .meta({ id: "Skip", description: "A rule that passed a rep over for a lead." });

const EXAMPLE: z.infer<typeof skip> = {
  leadId: LEAD_ID,
  generation: 1,
  receivedAt: "2026-11-22T09:30:00.007Z",
  decidedAt: "2026-11-22T09:30:01.214Z",
  rule: "DACH",
  podId: "dach",
  eligibility: "eligible",
  reason: "was eligible and owed 0.00 of a lead, but bo was owed 1.00",
  until: null,
  ownerId: "bo",
  owed: 0,
  pickedOwed: 1,
};

/** `/reps/:id/skipped`. Mounted under /api. */
export function skippedApi(): ApiPart {
  const api = apiPart();

  endpoint(
    api,
    {
      method: "get",
      path: "/reps/{id}/skipped",
      tag: "Reps",
      summary: "Why did these leads skip me?",
      description:
        "Every lead of the time for which the rep was a candidate, or is its account's owner, and that they did not get; newest first, each rule that passed them over an item of its own. Looks at a bounded number of decisions a page: a page may be short, and `nextCursor` carries on.",
      params: z.object({ id }),
      query: skippedQuery,
      answers: {
        200: {
          description: "A page of what passed the rep over.",
          schema: pageOf(skip).extend({
            unnamed: z.int().meta({
              description:
                "Draws of the rep's pods among the leads of this page that are not listed: in pods of over 50 a trail names only those that mattered.",
            }),
          }),
          example: { items: [EXAMPLE], nextCursor: null, unnamed: 0 },
        },
      },
      problems: ["not_found"],
    },
    async ({ deps, params, query: { from, to, limit, cursor } }) => {
      const podIds = await readPods(deps, params.id);
      const window = { from: from ?? (to ?? deps.now()) - DEFAULT_WINDOW_MS, to: to ?? null };
      const filter = { repId: params.id, podIds, ...window };
      const after = cursor === undefined ? null : decodeKey(cursor);
      const { rows: skips, next, unnamed } = await listSkipped(deps.db, filter, limit, after);
      const nextCursor = next && encodeCursor(["skipped", next.leadId, next.generation, next.step]);
      return { status: 200, body: { items: skips.map(present), nextCursor, unnamed } };
    },
  );

  return api;
}

async function readPods(deps: Deps, repId: string): Promise<readonly string[]> {
  const [rep, pods] = await Promise.all([readRep(deps.db, repId), rows(deps.db, podsOfRep(repId))]);
  if (rep === null) throw new Problem("not_found", `There is no rep ${repId}.`);
  return pods.map(({ podId }) => podId);
}

function decodeKey(cursor: string) {
  const [, leadId, generation, step] = decodeCursor(cursor, skipKey);
  return { leadId, generation, step };
}

function present({ step: _step, receivedAt, decidedAt, until, ...skipped }: Skip) {
  return {
    ...skipped,
    receivedAt: isoInstant(receivedAt),
    decidedAt: isoInstant(decidedAt),
    until: until === null ? null : isoInstant(until),
  };
}
