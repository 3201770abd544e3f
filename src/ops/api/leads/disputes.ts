import { z } from "zod";
import { listDisputes } from "../../../record/disputes.ts";
import { disputeLead } from "../../../routing/index.ts";
import { decodeCursor, encodeCursor } from "../cursor.ts";
import {
  DISPUTE,
  disputeBody,
  DISPUTED_AT,
  disputeShape,
  disputesQuery,
  filedDispute,
  presentDispute,
  WORDS,
} from "./dispute-shapes.ts";
import { apiPart, endpoint, type ApiPart } from "../endpoint.ts";
import { idempotencyHeaders, readRepeatable } from "../idempotency.ts";
import { refuseFields } from "../input.ts";
import { findLeadId, leadParams } from "./lead-act.ts";
import { LEAD_ID } from "./lead-examples.ts";
import { refuseAct } from "./lead-refusals.ts";
import { isoInstant } from "../present.ts";
import { Problem } from "../problem.ts";
import { pageOf } from "../shapes.ts";

const disputeKey = z.tuple([z.literal("disputes"), z.int(), z.string()]);

/** "This was not mine": said once of a decision, and listed for ops. */
export function disputesApi(): ApiPart {
  const api = apiPart();

  endpoint(
    api,
    {
      method: "post",
      path: "/leads/{id}/dispute",
      tag: "Leads",
      summary: "Say that a lead was not yours",
      description:
        "Records that the owner of the newest decision says it was not theirs, once per decision. It changes nothing else: ops see it in " +
        "`GET /api/disputes`, and route the lead again, assign it by hand or close it.",
      params: leadParams,
      headers: idempotencyHeaders,
      body: disputeBody,
      bodyExample: WORDS,
      answers: {
        200: {
          description: "It is on record.",
          schema: filedDispute,
          example: { leadId: LEAD_ID, generation: 1, ...WORDS, disputedAt: DISPUTED_AT },
        },
      },
      problems: ["not_found", "conflict"],
    },
    async (call) => {
      const { deps, actor, params, body } = call;
      const leadId = await findLeadId(deps, params.id);
      const repeatable = readRepeatable(call, `leads/${leadId}/dispute`, body);
      const result = await disputeLead(deps, actor, leadId, body, repeatable);
      switch (result.outcome) {
        case "disputed": {
          const { generation, disputedAt } = result;
          return {
            status: 200,
            body: { leadId, generation, ...body, disputedAt: isoInstant(disputedAt) },
          };
        }
        case "not_theirs": {
          const { newest, ownerId } = result.situation;
          const standing = ownerId === null ? "nobody has it" : `it is ${ownerId}'s`;
          const message = `should be who has the lead: by generation ${newest} ${standing}`;
          throw refuseFields([{ field: "repId", message }]);
        }
        case "no_such_rep":
          throw refuseFields([{ field: "shouldBe", message: `names no rep: ${body.shouldBe}` }]);
        case "disputed_before":
          throw new Problem(
            "conflict",
            `Generation ${result.situation.newest} is disputed already: a decision is disputed once.`,
          );
        default:
          throw refuseAct(result);
      }
    },
  );

  endpoint(
    api,
    {
      method: "get",
      path: "/disputes",
      tag: "Leads",
      summary: "Which leads were not theirs, as their owners say?",
      description:
        "Newest first, the open ones unless asked otherwise. A page may be short; its `nextCursor` carries on.",
      query: disputesQuery,
      answers: {
        200: {
          description: "A page of disputes.",
          schema: pageOf(disputeShape),
          example: { items: [DISPUTE], nextCursor: null },
        },
      },
    },
    async ({ deps, query: { limit, cursor, state } }) => {
      const [, commitNo, leadId] = cursor === undefined ? [] : decodeCursor(cursor, disputeKey);
      const after = commitNo === undefined || leadId === undefined ? null : { commitNo, leadId };
      const open = state === "all" ? null : state === "open";
      const { rows, next } = await listDisputes(deps.db, open, limit, after);
      return {
        status: 200,
        body: {
          items: rows.map(presentDispute),
          nextCursor: next && encodeCursor(["disputes", next.commitNo, next.leadId]),
        },
      };
    },
  );

  return api;
}
