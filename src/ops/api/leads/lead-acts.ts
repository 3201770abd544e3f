import { z } from "zod";
import { assignManually, closeLead, requestReroute } from "../../../routing/index.ts";
import { eraseLeadAnywhere } from "../../privacy/erase.ts";
import { apiPart, endpoint, type ApiPart } from "../endpoint.ts";
import { idempotencyHeaders, readRepeatable } from "../idempotency.ts";
import { id, refuseFields, should, yesOrNo } from "../input.ts";
import { BY_HAND, LEAD_ID } from "./lead-examples.ts";
import { findLeadId, leadParams, reason } from "./lead-act.ts";
import { explainDecided, noSuchLead, refuseAct } from "./lead-refusals.ts";
import { decisionShape, generationField } from "./lead-shapes.ts";
import { isoInstant, presentDecision } from "../present.ts";
import { Problem } from "../problem.ts";
import { isoText } from "../shapes.ts";

const generation = z
  .int({ error: should("a whole number, 0 or more") })
  .min(0, { error: should("a whole number, 0 or more") })
  .optional()
  .meta({
    description:
      "The newest generation that the caller has seen, 0 = it was undecided: 409 when there is a newer one.",
  });

const rerouteBody = z
  .strictObject({
    force: yesOrNo(false).meta({ description: "Re-route a lead that is decided; takes a reason." }),
    reason: reason.optional(),
    generation,
    excludeOwner: yesOrNo(true).meta({
      description: "Whoever has the lead now does not get it again.",
    }),
  })
  .refine(({ force, reason: why }) => !force || why !== undefined, {
    path: ["reason"],
    error: "is required with force",
  });

/** What people do to a lead: re-route, assign by hand, close, erase. */
export function leadActsApi(): ApiPart {
  const api = apiPart();

  endpoint(
    api,
    {
      method: "post",
      path: "/leads/{id}/route",
      tag: "Leads",
      summary: "Route a lead again",
      description:
        "Asks for the next decision of a decided lead, which takes `force`, or sends an undecided one on its way again.",
      params: leadParams,
      headers: idempotencyHeaders,
      body: rerouteBody,
      bodyExample: { force: true, reason: "wrong region" },
      answers: {
        202: {
          description: "This generation is on its way to a decision.",
          schema: z.strictObject({ leadId: z.string(), generation: generationField }),
          example: { leadId: LEAD_ID, generation: 2 },
        },
      },
      problems: ["not_found", "conflict"],
    },
    async (call) => {
      const { deps, actor, params, body } = call;
      const { force, reason: why, generation: seen, excludeOwner } = body;
      const leadId = await findLeadId(deps, params.id);
      const repeatable = readRepeatable(call, `leads/${leadId}/route`, body);
      const wish = { force, reason: why ?? "", generation: seen, excludeOwner };
      const result = await requestReroute(deps, actor, leadId, wish, repeatable);
      switch (result.outcome) {
        case "requested":
          return {
            status: 202,
            body: { leadId: result.leadId, generation: result.generation },
          };
        case "decided":
          throw new Problem("conflict", explainDecided(result.situation));
        default:
          throw refuseAct(result);
      }
    },
  );

  endpoint(
    api,
    {
      method: "post",
      path: "/leads/{id}/assign",
      tag: "Leads",
      summary: "Give a lead to a rep by hand",
      description:
        "Decides the next generation here and now. It counts toward the rep's own daily cap but is never refused by it. " +
        "Opens a closed lead again. Repeating it is safe.",
      params: leadParams,
      headers: idempotencyHeaders,
      body: z.strictObject({ ownerId: id, reason, generation }),
      bodyExample: { ownerId: "ana", reason: "they know each other" },
      answers: {
        200: { description: "The decision.", schema: decisionShape, example: BY_HAND },
      },
      problems: ["not_found", "conflict"],
    },
    async (call) => {
      const { deps, actor, params, body } = call;
      const leadId = await findLeadId(deps, params.id);
      const repeatable = readRepeatable(call, `leads/${leadId}/assign`, body);
      const result = await assignManually(deps, actor, leadId, body, repeatable);
      switch (result.outcome) {
        case "assigned":
          return { status: 200, body: presentDecision(result.decision) };
        case "no_such_rep":
          throw refuseFields([
            { field: "ownerId", message: `names no active rep: ${body.ownerId}` },
          ]);
        default:
          throw refuseAct(result);
      }
    },
  );

  endpoint(
    api,
    {
      method: "post",
      path: "/leads/{id}/close",
      tag: "Leads",
      summary: "Close a lead",
      description: "Frees the open slot it holds in its pod. A later generation opens it again.",
      params: leadParams,
      headers: idempotencyHeaders,
      body: z.strictObject({ reason }),
      bodyExample: { reason: "won" },
      answers: {
        200: {
          description: "It is closed.",
          schema: z.strictObject({
            leadId: z.string(),
            generation: generationField,
            closedAt: isoText,
          }),
          example: { leadId: LEAD_ID, generation: 2, closedAt: "2026-11-24T15:04:05.678Z" },
        },
      },
      problems: ["not_found", "conflict"],
    },
    async (call) => {
      const { deps, actor, params, body } = call;
      const leadId = await findLeadId(deps, params.id);
      const repeatable = readRepeatable(call, `leads/${leadId}/close`, body);
      const result = await closeLead(deps, actor, leadId, body, repeatable);
      switch (result.outcome) {
        case "closed":
          return {
            status: 200,
            body: {
              leadId: result.leadId,
              generation: result.generation,
              closedAt: isoInstant(result.closedAt),
            },
          };
        default:
          throw refuseAct(result);
      }
    },
  );

  endpoint(
    api,
    {
      method: "delete",
      path: "/leads/{id}",
      tag: "Leads",
      summary: "Erase the person of a lead",
      description:
        "Empties email, phone, name, company and fields of this lead for good, also in the archive. The audit, which holds no personal " +
        "data, stays. The person's other leads and whatever else is known of them: `POST /privacy/erase`.",
      params: leadParams,
      answers: { 204: { description: "Nothing of the person is left." } },
      problems: ["not_found", "conflict", "unavailable"],
    },
    async ({ deps, actor, params }) => {
      const result = await eraseLeadAnywhere(deps, actor, params.id);
      switch (result.outcome) {
        case "erased":
          return { status: 204 };
        case "not_found":
          throw noSuchLead();
        case "busy":
          throw new Problem(
            "conflict",
            "The lead kept moving while it was to be erased. Repeat the request.",
          );
        case "unreadable":
          throw new Problem(
            "unavailable",
            `If the lead was archived, it is in ${result.key}, which the bucket does not give as it was written. Nothing was erased.`,
          );
      }
    },
  );

  return api;
}
