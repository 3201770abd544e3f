import { z } from "zod";
import type { ListedDispute } from "../../../record/disputes.ts";
import { id, should } from "../input.ts";
import { reason } from "./lead-act.ts";
import { LEAD_ID } from "./lead-examples.ts";
import { generationField } from "./lead-shapes.ts";
import { pageQuery } from "../page.ts";
import { isoInstant } from "../present.ts";
import { isoText } from "../shapes.ts";

// What the API takes and answers of disputes.

/** The body of `POST /leads/:id/dispute`. */
export const disputeBody = z
  .strictObject({
    repId: id.meta({ description: "Whose lead it is, and who says that it should not be." }),
    note: reason,
    shouldBe: id
      .nullable()
      .default(null)
      .meta({ description: "The rep who should have had it; null = not said." }),
  })
  .refine(({ repId, shouldBe }) => repId !== shouldBe, {
    path: ["shouldBe"],
    error: "should be somebody else than repId",
  });

const wordsFields = {
  repId: z.string(),
  note: z.string(),
  shouldBe: z.string().nullable(),
};

/** What is answered to it. */
export const filedDispute = z.strictObject({
  leadId: z.string(),
  generation: generationField,
  ...wordsFields,
  disputedAt: isoText,
});

export const disputesQuery = z.strictObject({
  ...pageQuery.shape,
  state: z
    .enum(["open", "resolved", "all"], { error: should("open, resolved or all") })
    .default("open")
    .meta({
      description:
        "`resolved`: a later generation was decided, or the lead was closed or erased, by whoever and for whatever reason.",
    }),
});

export const disputeShape = z
  .strictObject({
    id: z.string().meta({ description: "Of the event in the lead's story." }),
    leadId: z.string(),
    generation: generationField,
    ...wordsFields,
    state: z.enum(["open", "decided_again", "closed", "erased"]),
    disputedAt: isoText,
    disputedBy: z.string().meta({ description: "The name of the token that filed it." }),
    decision: z
      .strictObject({
        ownerId: z.string(),
        podId: z.string().nullable(),
        rule: z.string().nullable(),
        reason: z.string(),
        decidedAt: isoText,
      })
      .meta({ description: "What is disputed, in short." }),
  })
  .meta({ id: "Dispute", description: "A rep says of a lead that it was not theirs." });

export const WORDS = {
  repId: "bo",
  note: "They are a customer of our Swiss branch",
  shouldBe: "ana",
};
export const DISPUTED_AT = "2026-11-24T09:41:07.250Z";

export const DISPUTE: z.infer<typeof disputeShape> = {
  id: "019abc12-9f41-7c06-8d15-6a3b2c1d0e9f",
  leadId: LEAD_ID,
  generation: 1,
  ...WORDS,
  state: "open",
  disputedAt: DISPUTED_AT,
  disputedBy: "ops-console",
  decision: {
    ownerId: "bo",
    podId: "dach",
    rule: "DACH",
    reason:
      "bo was next in dach (owed the most of 3 eligible): the rule DACH matched because the country is CH.",
    decidedAt: "2026-11-24T09:30:01.412Z",
  },
};

export function presentDispute(listed: ListedDispute): z.infer<typeof disputeShape> {
  const { id: eventId, leadId, generation, repId, note, shouldBe, state } = listed;
  const { actor: disputedBy, podId, rule, reason: why } = listed;
  return {
    id: eventId,
    leadId,
    generation,
    repId,
    note,
    shouldBe,
    state,
    disputedAt: isoInstant(listed.occurredAt),
    disputedBy,
    // Only its owner disputes a decision.
    decision: { ownerId: repId, podId, rule, reason: why, decidedAt: isoInstant(listed.decidedAt) },
  };
}
