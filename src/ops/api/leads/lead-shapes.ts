import { z } from "zod";
import { isoText } from "../shapes.ts";

// What the API's answers say of leads: the lead itself, its decisions and what happened to it.

/** A lead as it was received. */
export const leadShape = z
  .strictObject({
    id: z.string().meta({ description: "UUIDv7: ids sort in order of arrival." }),
    receivedAt: isoText,
    email: z.string().nullable().meta({ description: "Lower case." }),
    phone: z.string().nullable(),
    name: z.string().nullable(),
    company: z.string().nullable(),
    companyDomain: z
      .string()
      .nullable()
      .meta({ description: "Registrable domain, lower case; null for free mail." }),
    countryCode: z.string().nullable().meta({ description: "ISO 3166-1 alpha-2." }),
    region: z.string().nullable(),
    source: z.string().nullable(),
    score: z.number().nullable(),
    fields: z
      .record(z.string(), z.unknown())
      .meta({ description: "Whatever else was sent, under the names it was sent with." }),
    erasedAt: isoText.nullable().meta({
      description:
        "When email, phone, name, company and fields were emptied; null = they were not.",
    }),
  })
  .meta({ id: "Lead", description: "A lead as it was received, normalised." });

/** Why a member of a pod could or could not take a lead. */
export const eligibility = z
  .enum([
    "eligible",
    "inactive",
    "absent",
    "off_hours",
    "holiday",
    "at_daily_cap",
    "at_own_daily_cap",
    "at_open_cap",
    "excluded",
  ])
  .meta({
    id: "Eligibility",
    description: "Whether a member may be picked, and if not, why not.",
  });

export const candidateFields = {
  repId: z.string(),
  eligibility,
  reason: z.string().meta({ description: "In words a sales rep understands." }),
  until: isoText.nullable().meta({
    description: "When what is in the way ends by itself; null where nothing is or nobody knows.",
  }),
  count: z.int().meta({ description: "Leads of this pod on the rep's own calendar day so far." }),
  cap: z.int().nullable().meta({ description: "Daily cap in force in this pod; null = none." }),
  weight: z.int(),
  balance: z.int().meta({
    description: "Billionths of a lead owed to the member, before this lead was drawn.",
  }),
  balanceAfter: z
    .int()
    .optional()
    .meta({ description: "The same after the draw, where the lead was drawn." }),
};

/** A member of an asked pod at the instant of the claim. */
const candidateShape = z
  .strictObject(candidateFields)
  .meta({ id: "Candidate", description: "A member of an asked pod as of the claim." });

/** One rule that was tried. */
export const trailStepShape = z
  .strictObject({
    rule: z.string(),
    kind: z.enum(["matched_account", "territory", "score", "rule", "fallback", "manual"]),
    outcome: z.enum(["matched", "no_match", "no_eligible_rep"]),
    reason: z.string(),
    ownerId: z
      .string()
      .optional()
      .meta({ description: "The account's owner who was passed over." }),
    podId: z.string().optional().meta({ description: "The pod that was asked." }),
    candidates: z.array(candidateShape).readonly().optional().meta({
      description: "The pod's members; in pods of over 50 only those that mattered.",
    }),
    others: z
      .partialRecord(eligibility, z.int())
      .optional()
      .meta({ description: "Members that `candidates` leaves out, counted by eligibility." }),
    picked: z.string().optional(),
    runnerUp: z
      .string()
      .optional()
      .meta({ description: "Who would have been picked, had `picked` not been there." }),
  })
  .meta({ id: "TrailStep", description: "One rule that was tried, and what came of it." });

/** The key of a decision: a lead and a generation. */
export const generationField = z.int().min(1).meta({
  description: "1 for a lead's first decision; each re-route or assignment by hand makes the next.",
});

export const outcomeField = z.enum(["assigned", "unassigned"]);

/** A decision with all of its trail. */
export const decisionShape = z
  .strictObject({
    leadId: z.string(),
    generation: generationField,
    outcome: outcomeField,
    rule: z
      .string()
      .nullable()
      .meta({ description: "Null when no rule found a rep, and by hand." }),
    podId: z.string().nullable().meta({ description: "Null for an account's owner and by hand." }),
    ownerId: z.string().nullable(),
    reason: z.string().meta({ description: "One sentence a sales rep understands." }),
    trail: z.array(trailStepShape).readonly(),
    chainVersion: z.string().meta({ description: "Hash of the rules it was decided by." }),
    decidedAt: isoText.meta({ description: "The instant of the claim." }),
    committedAt: isoText,
    decidedBy: z.string().meta({ description: '"router", or the name of the token that asked.' }),
    claimSeq: z.int().nullable().meta({
      description:
        "Number of the pod's claim it rests on: claims of a pod were drawn in this order.",
    }),
  })
  .meta({ id: "Decision", description: "Who got a lead, or that nobody did, and why." });

/** What happened to a lead other than a decision. */
export const leadEventShape = z
  .strictObject({
    id: z.string().meta({ description: "UUIDv7." }),
    leadId: z.string(),
    generation: z.int().nullable(),
    kind: z.string().meta({ examples: ["notified", "reroute_requested", "closed"] }),
    actor: z.string().meta({ description: '"router", or the name of the token that did it.' }),
    occurredAt: isoText,
    detail: z
      .record(z.string(), z.unknown())
      .meta({ description: "Plain data by kind; never personal data." }),
  })
  .meta({
    id: "LeadEvent",
    description: "What happened to a lead: retries, re-routes, notifications, who did what.",
  });
