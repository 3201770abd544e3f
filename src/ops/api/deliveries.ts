import { z } from "zod";
import {
  allTroubles,
  countDeliveries,
  deliveryId,
  type DeliveryRow,
  listDeliveries,
  readDeliveryId,
  retryDelivery,
  TROUBLE,
} from "../../notify/index.ts";
import { EVENT_TYPES } from "../../rules/destination.ts";
import { rows, transaction } from "../../lib/query.ts";
import { apiPart, endpoint, type ApiPart } from "./endpoint.ts";
import { should } from "./input.ts";
import { LEAD_ID } from "./leads/lead-examples.ts";
import { generationField } from "./leads/lead-shapes.ts";
import { pageQuery, readPage } from "./page.ts";
import { isoInstant } from "./present.ts";
import { Problem } from "./problem.ts";
import { isoText, pageOf } from "./shapes.ts";

const STATES = ["waiting", "failed"] as const;
/** Up to so many deliveries of a destination are counted: the answer should not read all that a week's outage left. */
const COUNTED = 1000;

const deliveriesQuery = z.strictObject({
  ...pageQuery.shape,
  state: z
    .enum(STATES, { error: should("waiting or failed") })
    .default("failed")
    .meta({ description: "`waiting` for its next try, or `failed` for good: for 30 days." }),
  destination: z
    .string()
    .regex(/^[a-z0-9-]{1,63}$/, { error: should("the key of a destination") })
    .optional()
    .meta({ description: "Of this destination only." }),
});

const params = z.object({ id: z.string() });
const idField = z.string().meta({ description: "The `webhook-id` that the receiver sees." });

const deliveryShape = z
  .strictObject({
    id: idField,
    destination: z.string(),
    leadId: z.string(),
    generation: generationField,
    state: z.enum(STATES),
    since: isoText.meta({ description: "When it came onto this list." }),
    nextTryAt: isoText.nullable().meta({
      description: "At the earliest; later while its destination is away. Null when it failed.",
    }),
    tries: z.int().min(0),
    cause: z.string().nullable().meta({ description: "Of the last try; null before it." }),
  })
  .meta({ id: "Delivery", description: "An outgoing webhook that was not taken." });

const DELIVERY: z.infer<typeof deliveryShape> = {
  id: `${LEAD_ID}_1_crm`,
  destination: "crm",
  leadId: LEAD_ID,
  generation: 1,
  state: "failed",
  since: "2026-11-22T09:30:01.872Z",
  nextTryAt: null,
  tries: 1,
  cause: "answered 422",
};

const destinationShape = z
  .strictObject({
    key: z.string(),
    events: z.array(z.enum(EVENT_TYPES)).readonly(),
    waiting: z.int().meta({ description: `Deliveries that wait; ${COUNTED} = so many or more.` }),
    failed: z.int().meta({ description: `Deliveries that failed; ${COUNTED} = so many or more.` }),
    troubles: z
      .array(
        z.strictObject({
          kind: z.enum(["away", "unusable", "gone", "refused"]),
          explanation: z.string(),
          cause: z.string(),
          since: isoText,
          until: isoText.nullable().meta({
            description:
              "Nothing is sent there before; null for `gone` (until you retry) and `refused`.",
          }),
        }),
      )
      .readonly()
      .meta({ description: "Empty when all is well." }),
  })
  .meta({ id: "Destination", description: "Where decisions are told beside Slack." });

/** Outgoing webhooks: what was not taken, whom to blame, and one more try. */
export function deliveriesApi(): ApiPart {
  const api = apiPart();

  endpoint(
    api,
    {
      method: "get",
      path: "/deliveries",
      tag: "Leads",
      summary: "Which outgoing webhooks were not taken?",
      description:
        "By destination, then oldest lead first. What was taken is not here: it is `delivered` in the lead's story and in the audit.",
      query: deliveriesQuery,
      answers: {
        200: {
          description: "A page of deliveries.",
          schema: pageOf(deliveryShape),
          example: { items: [DELIVERY], nextCursor: null },
        },
      },
    },
    async ({ deps, query }) => {
      const { state, destination = null } = query;
      const list = (after: string, limit: number) =>
        rows(deps.db, listDeliveries({ state, destination }, readDeliveryId(after), limit));
      const page = await readPage(query, `deliveries ${state}`, list, deliveryId);
      return { status: 200, body: { ...page, items: page.items.map(present) } };
    },
  );

  endpoint(
    api,
    {
      method: "post",
      path: "/deliveries/{id}/retry",
      tag: "Leads",
      summary: "Send an outgoing webhook once more",
      description:
        "Whatever became of it, also when it was delivered: the receiver sees the same `webhook-id`. It goes out at once, and its " +
        "destination is asked again from now on, also one that was away or gone.",
      params,
      answers: {
        202: {
          description: "It is on its way.",
          schema: z.strictObject({ id: idField, state: z.literal("waiting") }),
          example: { id: DELIVERY.id, state: "waiting" },
        },
      },
      problems: ["not_found", "conflict"],
    },
    async ({ deps, actor, params: { id } }) => {
      const key = readDeliveryId(id);
      if (key === null) throw new Problem("not_found", "There is no delivery of this id.");
      const retried = await retryDelivery(deps, actor, key);
      switch (retried.outcome) {
        case "waiting":
          return { status: 202, body: { id, state: retried.outcome } };
        case "not_found":
          throw new Problem("not_found", "There is no delivery of this id.");
        case "not_declared":
          throw new Problem("conflict", `rules.ts declares no destination ${key.destination}.`);
        case "not_subscribed":
          throw new Problem("conflict", `${key.destination} does not listen to ${retried.type}.`);
        case "objection":
          throw new Problem("conflict", `It is told no more: ${retried.reason}.`);
      }
    },
  );

  endpoint(
    api,
    {
      method: "get",
      path: "/destinations",
      tag: "Leads",
      summary: "Do the outgoing webhooks work?",
      description: "The destinations of rules.ts. Their URLs are not shown: some are secrets.",
      answers: {
        200: {
          description: "Every destination.",
          schema: z.strictObject({ items: z.array(destinationShape).readonly() }),
          example: {
            items: [
              {
                key: "crm",
                events: ["lead.assigned", "lead.rerouted"],
                waiting: 0,
                failed: 1,
                troubles: [
                  {
                    kind: "refused",
                    explanation: TROUBLE.refused,
                    cause: "answered 422",
                    since: "2026-11-22T09:30:01.872Z",
                    until: null,
                  },
                ],
              },
            ],
          },
        },
      },
    },
    async ({ deps }) => {
      const { destinations } = deps;
      const keys = destinations.map(({ key }) => key);
      const [counts, troubles] = await transaction(deps.db, [
        countDeliveries(keys, COUNTED),
        allTroubles(),
      ]);
      const items = destinations.map(({ key, events }) => {
        const { waiting = 0, failed = 0 } = counts.find((one) => one.destination === key) ?? {};
        const own = troubles.filter(({ destination }) => destination === key);
        return {
          key,
          events,
          waiting,
          failed,
          troubles: own.map(({ kind, cause, since, until }) => ({
            kind,
            explanation: TROUBLE[kind],
            cause,
            since: isoInstant(since),
            until: until === null ? null : isoInstant(until),
          })),
        };
      });
      return { status: 200, body: { items } };
    },
  );

  return api;
}

function present({ since, due, ...row }: DeliveryRow): z.infer<typeof deliveryShape> {
  return {
    id: deliveryId(row),
    ...row,
    since: isoInstant(since),
    nextTryAt: row.state === "waiting" ? isoInstant(due) : null,
  };
}
