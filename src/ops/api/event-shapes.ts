import type { OpenAPIHono } from "@hono/zod-openapi";
import { z } from "zod";
import { EVENT_TYPES, type EventType } from "../../rules/destination.ts";
import { BY_HAND, DECISION, LEAD, LEAD_ID, UNASSIGNED } from "./leads/lead-examples.ts";
import { decisionShape, leadShape } from "./leads/lead-shapes.ts";
import { isoText } from "./shapes.ts";

// What is posted to the destinations of rules.ts; src/notify/webhooks/payload.ts writes it.

const owner = z
  .strictObject({
    id: z.string(),
    name: z.string().nullable(),
    email: z.string().nullable(),
  })
  .meta({
    id: "Owner",
    description: "Who has a lead. Of an account's owner who is no rep only the id is known.",
  });

const eventShape = z
  .strictObject({
    type: z.enum(EVENT_TYPES),
    timestamp: isoText.meta({ description: "When it was decided for good." }),
    data: z.strictObject({
      lead: leadShape
        .omit({ erasedAt: true })
        .meta({ id: "EventLead", description: "The lead as it was received, normalised." }),
      decision: decisionShape
        .pick({
          generation: true,
          outcome: true,
          rule: true,
          podId: true,
          reason: true,
          decidedAt: true,
          decidedBy: true,
        })
        .meta({ id: "EventDecision", description: "Who got it, or that nobody did, and why." }),
      owner: owner.nullable().meta({ description: "Null when nobody has it." }),
      previousOwner: owner
        .nullable()
        .meta({ description: "Who had it by the decision right before; null for nobody." }),
    }),
  })
  .meta({ id: "Event", description: "What a destination is told of a decision." });

const BO = { id: "bo", name: "Bo Berg", email: "bo@example.com" };
const ANA = { id: "ana", name: "Ana Alvarez", email: "ana@example.com" };

const SUMMARY: Readonly<Record<EventType, string>> = {
  "lead.assigned": "A rep has a lead that nobody had right before",
  "lead.unassigned": "Nobody has a lead",
  "lead.rerouted": "A lead that a rep had was decided anew, and a rep has it",
};

const EXAMPLE: Readonly<Record<EventType, z.infer<typeof eventShape>>> = {
  "lead.assigned": exampleOf("lead.assigned", DECISION, BO, null),
  "lead.unassigned": exampleOf("lead.unassigned", UNASSIGNED, null, null),
  "lead.rerouted": exampleOf("lead.rerouted", BY_HAND, ANA, BO),
};

function exampleOf(
  type: EventType,
  { generation, outcome, rule, podId, reason, ...decided }: z.infer<typeof decisionShape>,
  ownerNow: z.infer<typeof owner> | null,
  previousOwner: z.infer<typeof owner> | null,
): z.infer<typeof eventShape> {
  const { erasedAt: _, ...lead } = LEAD;
  const { decidedAt, committedAt, decidedBy } = decided;
  const decision = { generation, outcome, rule, podId, reason, decidedAt, decidedBy };
  return { type, timestamp: committedAt, data: { lead, decision, owner: ownerNow, previousOwner } };
}

const DESCRIPTION =
  "Posted to the destinations that rules.ts declares, signed as standardwebhooks.com has it. At least once, in no order: " +
  "`webhook-id` is the same at every try, so drop what you have seen, and of one lead heed the highest generation. A decision that " +
  "was replaced before it could be told is left out. Answer 2xx within 10 seconds; 408, 409, 425, 429 and 5xx are tried again " +
  "for three days and `Retry-After` is heeded up to an hour; 410 stops everything; whatever else fails at once. Redirects are not followed.";

/** Adds the webhooks that are sent out to a document. */
export function describeEvents(registry: OpenAPIHono["openAPIRegistry"]): void {
  for (const type of EVENT_TYPES)
    registry.registerWebhook({
      method: "post",
      path: type,
      operationId: type.replaceAll(".", "-"),
      summary: SUMMARY[type],
      description: DESCRIPTION,
      security: [],
      request: {
        headers: z.object({
          "webhook-id": z
            .string()
            .meta({ description: "Of this delivery, at every try.", example: `${LEAD_ID}_1_crm` }),
          "webhook-timestamp": z
            .string()
            .meta({ description: "Of this try: seconds since the epoch.", example: "1795339801" }),
          "webhook-signature": z.string().meta({
            description:
              "`v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`; two with a blank between while a secret is replaced.",
          }),
        }),
        body: {
          required: true,
          content: { "application/json": { schema: eventShape, example: EXAMPLE[type] } },
        },
      },
      responses: { "2XX": { description: "Taken." } },
    });
}
