import { z } from "zod";
import { candidateFields } from "../leads/lead-shapes.ts";
import { isoText } from "../shapes.ts";

// What the API's answers say of pods: their settings, members and live ledgers.

export const memberFields = {
  repId: z.string(),
  weight: z.int().meta({ description: "Share of the pod's leads relative to other members." }),
  dailyCap: z.int().nullable().meta({ description: "Null = the pod's default." }),
  openCap: z.int().nullable().meta({ description: "Null = the pod's default." }),
  joinedAt: isoText,
};

const memberShape = z
  .strictObject(memberFields)
  .meta({ id: "Member", description: "A rep's settings in one pod." });

const settingsShape = z
  .strictObject({
    dailyCap: z.int().nullable(),
    openCap: z.int().nullable(),
    debitOutside: z.boolean().optional(),
    holidays: z.array(z.iso.date()).readonly().optional(),
    whenNobody: z.enum(["next", "wait"]).optional(),
    waitAtMost: z
      .strictObject({
        days: z.int().optional(),
        hours: z.int().optional(),
        minutes: z.int().optional(),
      })
      .optional(),
  })
  .meta({ id: "PodSettings", description: "As rules.ts says; caps are members' defaults." });

export const podFields = {
  id: z.string(),
  settings: settingsShape,
  rules: z
    .array(
      z.strictObject({
        name: z.string(),
        kind: z.string(),
        definition: z.record(z.string(), z.unknown()),
      }),
    )
    .readonly()
    .meta({ description: "The rules that send to this pod." }),
  members: z.array(memberShape).readonly().meta({ description: "In join order." }),
};

export const podShape = z.strictObject(podFields).meta({ id: "Pod" });

const ledgerLine = z
  .strictObject({
    ...candidateFields,
    open: z.int().meta({ description: "Leads neither closed nor routed on since." }),
    openCap: z.int().nullable(),
    received: z.int().meta({ description: "Leads got here since they joined." }),
    expected: z.number().meta({ description: "Leads that would have been fair." }),
    owed: z.number().meta({ description: "Expected less received." }),
  })
  .meta({ id: "LedgerLine", description: "Where a member of the pod stands now." });

export const podLedger = z
  .strictObject({
    version: z.int().meta({ description: "Of the roster that the pod holds." }),
    at: isoText.meta({ description: "The pod's clock." }),
    next: z.string().nullable().meta({ description: "Who would get the next lead." }),
    members: z.array(ledgerLine).readonly(),
    waiting: z
      .array(
        z.strictObject({
          leadId: z.string(),
          generation: z.int(),
          place: z.int().meta({ description: "1 = the first in line." }),
          since: isoText,
          until: isoText.meta({ description: "When the pod passes the lead on." }),
          reason: z.string(),
        }),
      )
      .readonly()
      .meta({ description: "Leads in line for somebody to become eligible, the first first." }),
    standing: z.int().meta({ description: "Claims drawn and not given back." }),
    held: z.int().meta({ description: "Those of them that no decision has settled yet." }),
  })
  .meta({ id: "PodLedger", description: "The pod's live state, from its Durable Object." });
