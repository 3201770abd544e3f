import { z } from "zod";
import { readStory } from "../../../record/lead-story.ts";
import { listUnassigned } from "../../audit/unassigned.ts";
import { decodeCursor, encodeCursor } from "../cursor.ts";
import { apiPart, endpoint, type ApiPart } from "../endpoint.ts";
import { explainNoLead } from "./archived-lead.ts";
import { leadActsApi } from "./lead-acts.ts";
import { DECISION, LEAD, NOTIFIED, UNASSIGNED } from "./lead-examples.ts";
import { leadListApi } from "./lead-list.ts";
import { decisionShape, leadEventShape, leadShape } from "./lead-shapes.ts";
import { pageQuery } from "../page.ts";
import { presentStory, presentUnassigned } from "../present.ts";
import { pageOf } from "../shapes.ts";

const unassignedKey = z.tuple([z.literal("unassigned"), z.string(), z.int()]);

export const leadStory = z
  .strictObject({
    lead: z.strictObject({
      ...leadShape.shape,
      state: z.enum(["assigned", "unassigned", "pending", "closed"]).meta({
        description: "`pending`: waits for a decision, its first or one that somebody asked for.",
      }),
      ownerId: z.string().nullable().meta({ description: "Owner of the newest decision." }),
      summary: z.string().meta({ description: "The state in words that a sales rep understands." }),
    }),
    decisions: z.array(decisionShape).readonly().meta({ description: "By generation." }),
    events: z.array(leadEventShape).readonly().meta({ description: "In order of commit." }),
  })
  .meta({ id: "LeadStory" });

const unassignedLead = z
  .strictObject({ lead: leadShape, decision: decisionShape })
  .meta({ id: "UnassignedLead" });

/** Leads: their stories, lists of them, and what people do to them. */
export function leadsApi(): ApiPart {
  const api = apiPart();
  api.route("/", leadListApi());
  api.route("/", leadActsApi());

  endpoint(
    api,
    {
      method: "get",
      path: "/leads/{id}",
      tag: "Leads",
      summary: "Why did this lead go where it went?",
      description: "The lead, every decision with its trail, and every event: its whole story.",
      params: z.object({ id: z.string() }),
      answers: {
        200: {
          description: "The story.",
          schema: leadStory,
          example: {
            lead: {
              ...LEAD,
              state: "assigned",
              ownerId: "bo",
              summary: `Assigned to bo 1.2 s after it came in: ${DECISION.reason}`,
            },
            decisions: [DECISION],
            events: [NOTIFIED],
          },
        },
      },
      problems: ["not_found"],
    },
    async ({ deps, params }) => {
      const story = await readStory(deps.db, params.id);
      if (story === null) throw await explainNoLead(deps, params.id);
      return { status: 200, body: presentStory(story) };
    },
  );

  endpoint(
    api,
    {
      method: "get",
      path: "/unassigned",
      tag: "Leads",
      summary: "The ops queue: leads that nobody gets",
      description: "Oldest first, each with its reason. Those closed or erased are not in it.",
      query: pageQuery,
      answers: {
        200: {
          description: "A page of leads, each with the decision that nobody gets it.",
          schema: pageOf(unassignedLead),
          example: { items: [{ lead: LEAD, decision: UNASSIGNED }], nextCursor: null },
        },
      },
    },
    async ({ deps, query: { limit, cursor } }) => {
      const [, leadId, generation] =
        cursor === undefined ? [] : decodeCursor(cursor, unassignedKey);
      const after =
        leadId === undefined || generation === undefined ? null : { leadId, generation };
      const { rows, next } = await listUnassigned(deps.db, limit, after);
      const nextCursor = next && encodeCursor(["unassigned", next.leadId, next.generation]);
      return { status: 200, body: { items: rows.map(presentUnassigned), nextCursor } };
    },
  );

  return api;
}
