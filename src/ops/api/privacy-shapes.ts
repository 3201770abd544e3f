import { z } from "zod";
import { quarantined } from "./leads/quarantine.ts";
import { LEAD, LEAD_ID } from "./leads/lead-examples.ts";
import { leadShape } from "./leads/lead-shapes.ts";
import { leadStory } from "./leads/leads.ts";
import { repShape } from "./roster/rep-shapes.ts";
import { isoText } from "./shapes.ts";

/** What an erasure leaves, in the words of its answer. */
export const LEFT: readonly string[] = [
  "The audit and the emptied leads: ids, instants, decisions, company domain, country, region, source and score.",
  "What was sent before: Slack messages, and deliveries to other systems. Erase it there.",
  "What others wrote of them: this address in the fields of somebody else's lead, or in a file that is just being imported.",
  "What D1 can be set back to (Time Travel, 30 days at most): after a restore, erase again.",
  "What the database has not taken yet: in an outage submissions wait in the queue, up to 14 days. Erase again afterwards.",
];

const nextCursor = z.string().nullable().meta({
  description: "Send it as `cursor`, with the same email, to go on; null when all is done.",
});

const unreadable = z
  .array(z.string())
  .readonly()
  .meta({
    description:
      "Parts of the archive that this call passed by because the bucket does not give them as they were written: the person may be in " +
      "them. Mend them, or repeat the request should the bucket have been away, from the start.",
  });

const complete = z.boolean().meta({
  description:
    "Whether all is done: nothing is left to look at, and neither this call nor one before it left anything out.",
});

export const erasedShape = z
  .strictObject({
    requestId: z.string().meta({ description: "Under which the audit has it." }),
    erased: z.strictObject({
      leads: z.int(),
      quarantined: z.int(),
      deliveries: z.int().meta({
        description: "Raw deliveries of webhooks that named the address; with all that they held.",
      }),
      archived: z.int(),
    }),
    busy: z.int().meta({
      description: "Leads that kept moving: ask again from the start when this is not 0.",
    }),
    repIds: z
      .array(z.string())
      .readonly()
      .meta({ description: "Reps who have this email. They stay as they are." }),
    unreadable,
    left: z.array(z.string()).readonly().meta({ description: "What was not erased." }),
    nextCursor,
    complete,
  })
  .meta({ id: "PersonErased", description: "What this call erased." });

export const knownShape = z
  .union([
    z.strictObject({ type: z.literal("rep"), rep: repShape }),
    z.strictObject({ type: z.literal("lead"), ...leadStory.shape }),
    z.strictObject({
      type: z.literal("alias"),
      id: z.string().meta({ description: "Another id that was answered for the lead." }),
      leadId: z.string(),
    }),
    z.strictObject({ type: z.literal("quarantined"), ...quarantined.shape }),
    z.strictObject({
      type: z.literal("delivery"),
      id: z.string(),
      source: z.string(),
      receivedAt: isoText,
      headers: z.record(z.string(), z.string()),
      body: z.string().meta({ description: "As it came, but for a secret that it holds." }),
    }),
    z.strictObject({
      type: z.literal("archived_lead"),
      lead: leadShape,
      aliases: z.array(z.string()).readonly(),
    }),
  ])
  .meta({ id: "Known", description: "One thing that is known of a person." });

export const exportedShape = z
  .strictObject({
    requestId: z.string().meta({ description: "Under which the audit has it." }),
    items: z.array(knownShape).readonly(),
    unreadable,
    archivedPartsLeft: z
      .int()
      .nullable()
      .meta({
        description:
          "Parts of the archive that are not searched yet; null while the database is. Decisions and events of archived leads are in " +
          "the audit's parts, by the lead's id.",
      }),
    nextCursor,
    complete,
  })
  .meta({ id: "PersonExport" });

const REQUEST_ID = "01a20298-11a0-7b52-8d35-2f1c9e7a6b40";

export const ERASED: z.infer<typeof erasedShape> = {
  requestId: REQUEST_ID,
  erased: { leads: 2, quarantined: 1, deliveries: 0, archived: 0 },
  busy: 0,
  repIds: [],
  unreadable: [],
  left: LEFT,
  nextCursor: null,
  complete: true,
};

export const EXPORTED: z.infer<typeof exportedShape> = {
  requestId: REQUEST_ID,
  items: [
    { type: "archived_lead", lead: LEAD, aliases: [] },
    { type: "alias", id: "01a20297-9c3e-7f10-b2a6-7d5e4c3b2a19", leadId: LEAD_ID },
  ],
  archivedPartsLeft: 0,
  unreadable: [],
  nextCursor: null,
  complete: true,
};
