import { z } from "zod";
import { discard, listWaiting, release } from "../../../intake/index.ts";
import { draftFromRow, KEPT_MS, type SuspectRow } from "../../../record/quarantine.ts";
import { decodeCursor, encodeCursor } from "../cursor.ts";
import { apiPart, endpoint, type ApiPart } from "../endpoint.ts";
import { instant, text } from "../input.ts";
import { leadParams, reason } from "./lead-act.ts";
import { LEAD, LEAD_ID } from "./lead-examples.ts";
import { leadShape } from "./lead-shapes.ts";
import { pageQuery } from "../page.ts";
import { isoInstant } from "../present.ts";
import { Problem } from "../problem.ts";
import { isoText, pageOf } from "../shapes.ts";

const quarantineQuery = z.strictObject({
  ...pageQuery.shape,
  door: text(200)
    .optional()
    .meta({ description: "Where it came in: `form:contact`.", example: "form:contact" }),
  reason: text(200)
    .optional()
    .meta({ description: "Why it was kept: `honeypot:_gotcha`.", example: "honeypot:_gotcha" }),
  from: instant.optional().meta({ description: "Received at or after." }),
  to: instant.optional().meta({ description: "Received before." }),
});

export const quarantined = z
  .strictObject({
    lead: leadShape.meta({ description: "What it will be, once it is released." }),
    door: z.string().meta({ description: "Where it came in." }),
    reason: z.string().meta({ description: "Why it was kept." }),
    expiresAt: isoText.meta({ description: "When it is thrown away by itself." }),
  })
  .meta({ id: "Quarantined", description: "What waits until somebody releases it." });

const EXAMPLE: z.infer<typeof quarantined> = {
  lead: LEAD,
  door: "form:contact",
  reason: "honeypot:_gotcha",
  expiresAt: "2026-12-22T09:30:00.007Z",
};

const cursorKey = z.tuple([z.literal("quarantine"), z.string()]);

/** What looked like spam, could not be checked or was only a test: no lead until somebody says so. */
export function quarantineApi(): ApiPart {
  const api = apiPart();

  endpoint(
    api,
    {
      method: "get",
      path: "/quarantine",
      tag: "Leads",
      summary: "What was kept from the reps",
      description:
        "Spam, what no captcha could be checked of, and tests: newest first, for 30 days. None of it is a lead, and no list of leads " +
        "shows it, until it is released. A page may be short; its `nextCursor` carries on.",
      query: quarantineQuery,
      answers: {
        200: {
          description: "A page of what waits.",
          schema: pageOf(quarantined),
          example: { items: [EXAMPLE], nextCursor: encodeCursor(["quarantine", LEAD_ID]) },
        },
      },
    },
    async ({ deps, query }) => {
      const { limit, cursor, door = null, reason: why = null, from = null, to = null } = query;
      const before = cursor === undefined ? null : decodeCursor(cursor, cursorKey)[1];
      const { rows, next } = await listWaiting(
        deps.db,
        { door, reason: why, from, to },
        { before, limit, now: deps.now() },
      );
      const nextCursor = next === null ? null : encodeCursor(["quarantine", next]);
      return { status: 200, body: { items: rows.map(presentQuarantined), nextCursor } };
    },
  );

  endpoint(
    api,
    {
      method: "post",
      path: "/quarantine/{id}/release",
      tag: "Leads",
      summary: "Make a lead of it after all",
      description:
        "It becomes a lead with its own id and the instant it came in, and is routed, once: repeating the call answers the same. What says " +
        "the same as a lead of the same ten minutes becomes that one. The lead's story says who released it and why it was kept.",
      params: leadParams,
      body: z.strictObject({ reason }),
      bodyExample: { reason: "their password manager filled in the trap" },
      answers: {
        200: {
          description: "It is a lead.",
          schema: z.strictObject({
            leadId: z
              .string()
              .meta({ description: "The same id, but for what became another lead." }),
            releasedAt: isoText,
            releasedBy: z.string().meta({ description: "The name of the token that released it." }),
          }),
          example: { leadId: LEAD_ID, releasedAt: "2026-11-22T10:02:17.530Z", releasedBy: "ops" },
        },
      },
      problems: ["not_found", "conflict"],
    },
    async ({ deps, actor, params, body }) => {
      const result = await release(deps, actor, params.id, body);
      switch (result.outcome) {
        case "released": {
          const { leadId, releasedAt, releasedBy } = result;
          return {
            status: 200,
            body: { leadId, releasedAt: isoInstant(releasedAt), releasedBy },
          };
        }
        case "not_found":
          throw nothingQuarantined();
        case "discarded":
          throw new Problem("conflict", "It was thrown away: nothing of it is left.");
        case "erased":
          throw new Problem(
            "conflict",
            "It was released, and the person was erased from the lead since: nothing of them is left.",
          );
      }
    },
  );

  endpoint(
    api,
    {
      method: "delete",
      path: "/quarantine/{id}",
      tag: "Leads",
      summary: "Throw it away",
      description: "Nothing of the person is left; the audit says who did it, and nothing of whom.",
      params: leadParams,
      answers: { 204: { description: "It is gone." } },
      problems: ["not_found", "conflict"],
    },
    async ({ deps, actor, params }) => {
      const { outcome } = await discard(deps, actor, params.id);
      switch (outcome) {
        case "discarded":
          return { status: 204 };
        case "not_found":
          throw nothingQuarantined();
        case "released":
          throw new Problem("conflict", "It is a lead: erase that one.");
      }
    },
  );

  return api;
}

function nothingQuarantined(): Problem {
  return new Problem("not_found", "Nothing is kept in quarantine under this id.");
}

export function presentQuarantined(row: SuspectRow): z.infer<typeof quarantined> {
  const { id, receivedAt, door, reason: why } = row;
  return {
    lead: { ...draftFromRow(row), id, receivedAt: isoInstant(receivedAt), erasedAt: null },
    door,
    reason: why,
    expiresAt: isoInstant(receivedAt + KEPT_MS),
  };
}
