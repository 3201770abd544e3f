import { z } from "zod";
import { BULK_LIMIT } from "../../../routing/index.ts";
import { id, instant, should, text, yesOrNo } from "../input.ts";
import { reason } from "./lead-act.ts";
import { generationField } from "./lead-shapes.ts";

const WRONG_LIMIT = should(`a whole number from 1 to ${BULK_LIMIT}`);

/** Which leads are wanted; none at all without a beginning. */
export const bulkFilter = z
  .strictObject({
    from: instant.meta({ description: "Received at or after." }),
    to: instant.optional().meta({ description: "Received before; left out = until now." }),
    chainVersion: text(64)
      .optional()
      .meta({ description: "The version of the rules that made the newest decision." }),
    rule: text(200).optional(),
    pod: text(63).optional(),
    owner: id.optional().meta({ description: "Who has the lead now." }),
    outcome: z
      .enum(["assigned", "unassigned"], { error: should("assigned or unassigned") })
      .optional(),
    source: text(500).optional().meta({ description: "As it was stored, case and all." }),
  })
  .meta({ description: "All of what is given must hold of a lead's newest decision." });

export const bulkBody = z.strictObject({
  filter: bulkFilter,
  reason,
  dryRun: yesOrNo(true).meta({ description: "Look only: nothing is written, nothing is sent." }),
  excludeOwner: yesOrNo(false).meta({
    description: "Whoever has a lead now does not get it again.",
  }),
  includeByHand: yesOrNo(false).meta({
    description: "Also what a person gave to its owner; else that is left alone.",
  }),
  bulk: z
    .uuid({ error: should("a UUID") })
    .optional()
    .meta({
      description:
        "A name of your own for the bulk, so that its first step may be repeated: a bulk re-routes a lead once. Later steps have it in their cursor.",
    }),
  limit: z
    .int({ error: WRONG_LIMIT })
    .min(1, { error: WRONG_LIMIT })
    .max(BULK_LIMIT, { error: WRONG_LIMIT })
    .default(BULK_LIMIT)
    .meta({ description: "Leads of this step at most." }),
  cursor: z.string().optional().meta({
    description:
      "The `nextCursor` of the step before, with the same `filter`, `dryRun` and `includeByHand`.",
  }),
});

const counted = z.record(z.string(), z.int().min(1));

/** What one step of a bulk is answered with. */
export const bulkStep = z
  .strictObject({
    bulk: z.string().meta({ description: "Names the bulk in `detail.bulk` of its audit events." }),
    dryRun: z.boolean(),
    rerouted: z
      .array(
        z.strictObject({
          leadId: z.string(),
          generation: generationField,
          ownerId: z.string().nullable(),
          rule: z.string().nullable(),
        }),
      )
      .readonly()
      .meta({
        description:
          "The leads of this step whose decision is replaced, or in a dry run would be, each as it was decided.",
      }),
    byOwner: counted.meta({
      description: "The same, counted by who had them; `nobody` = unassigned.",
    }),
    byRule: counted.meta({ description: "The same, counted by rule; `none` = no rule matched." }),
    leftAlone: z
      .array(
        z.strictObject({
          leadId: z.string(),
          why: z.enum(["erased", "closed", "under_way", "by_hand", "changed"]),
        }),
      )
      .readonly()
      .meta({ description: "What the filter takes in and the step leaves as it is." }),
    nextCursor: z
      .string()
      .nullable()
      .meta({ description: "Carries on; null = that was all. A step may be empty and carry on." }),
  })
  .meta({ id: "BulkReroute" });
