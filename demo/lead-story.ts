import { z } from "zod";

// What the demo reads of `GET /api/leads/:id`.

const candidateSchema = z.object({
  repId: z.string(),
  reason: z.string(),
});

const stepSchema = z.object({
  rule: z.string(),
  outcome: z.enum(["matched", "no_match", "no_eligible_rep"]),
  reason: z.string(),
  podId: z.string().optional(),
  candidates: z.array(candidateSchema).optional(),
  picked: z.string().optional(),
  runnerUp: z.string().optional(),
});

const decisionSchema = z.object({
  outcome: z.enum(["assigned", "unassigned"]),
  rule: z.string().nullable(),
  podId: z.string().nullable(),
  ownerId: z.string().nullable(),
  reason: z.string(),
  trail: z.array(stepSchema),
  committedAt: z.iso.datetime(),
});

export const leadStorySchema = z.object({
  lead: z.object({
    id: z.string(),
    receivedAt: z.iso.datetime(),
    name: z.string().nullable(),
    email: z.string().nullable(),
    phone: z.string().nullable(),
    company: z.string().nullable(),
    companyDomain: z.string().nullable(),
  }),
  decisions: z.array(decisionSchema),
});

export type LeadStory = z.infer<typeof leadStorySchema>;
export type Decision = z.infer<typeof decisionSchema>;
export type TrailStep = z.infer<typeof stepSchema>;

/** A lead with its decision. */
export interface DecidedLead {
  readonly lead: LeadStory["lead"];
  readonly decision: Decision;
  /** From the door's acceptance to the committed decision, in milliseconds. */
  readonly milliseconds: number;
}

/** The lead with the first decision made on it; null while there is none. */
export function findDecision({ lead, decisions }: LeadStory): DecidedLead | null {
  const [decision] = decisions;
  if (decision === undefined) return null;
  const milliseconds = Date.parse(decision.committedAt) - Date.parse(lead.receivedAt);
  return { lead, decision, milliseconds };
}

/** Who it is about, for a list: "Mia Keller, Alpenblick Reisen". */
export function describeLead({ name, email, phone, company, companyDomain }: LeadStory["lead"]) {
  const who = name ?? email ?? phone ?? "someone";
  const from = company ?? companyDomain;
  return from === null ? who : `${who}, ${from}`;
}
