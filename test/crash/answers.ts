import { z } from "zod";

// What the crash test reads of the API's answers.

export const leadPageSchema = z.object({
  items: z.array(
    z.object({
      lead: z.object({ id: z.string() }),
      decision: z.object({ podId: z.string().nullable() }).nullable(),
    }),
  ),
  nextCursor: z.string().nullable(),
});

/** A lead as the list shows it, with the gist of its decision. */
export type ListedLead = z.infer<typeof leadPageSchema>["items"][number];

export const storySchema = z.object({
  lead: z.object({ id: z.string(), email: z.string() }),
  decisions: z.array(
    z.object({
      generation: z.number(),
      outcome: z.enum(["assigned", "unassigned"]),
      podId: z.string().nullable(),
      ownerId: z.string().nullable(),
      decidedAt: z.iso.datetime(),
    }),
  ),
  events: z.array(z.object({ kind: z.string() })),
});

/** A lead, its decisions and its events. */
export type Story = z.infer<typeof storySchema>;

export const podSchema = z.object({
  id: z.string(),
  settings: z.object({ dailyCap: z.number().nullable() }),
  ledger: z.object({
    at: z.iso.datetime(),
    held: z.number(),
    members: z.array(
      z.object({
        repId: z.string(),
        /** Leads of the rep's present day. */
        count: z.number(),
        open: z.number(),
        /** Leads since the rep joined. */
        received: z.number(),
        /** In units of the ledger. */
        balance: z.number(),
      }),
    ),
  }),
});

/** A pod and what it counts. */
export type PodView = z.infer<typeof podSchema>;

export const consistencySchema = z.object({
  balanced: z.boolean(),
  leads: z.number(),
  undecided: z.number(),
  oldestUnnotified: z.object({ leadId: z.string() }).nullable(),
  pending: z.object({ route: z.number(), notify: z.number(), release: z.number() }),
  /** A pod that did not answer has null. */
  pods: z.array(z.object({ podId: z.string(), held: z.number().nullable() })),
});

export type Consistency = z.infer<typeof consistencySchema>;
