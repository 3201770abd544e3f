import type { z } from "zod";
import type { decisionShape, leadEventShape, leadShape } from "./lead-shapes.ts";

// One lead's story as it really comes, told in the examples of every call that shows a part of it.

export const LEAD_ID = "01a20297-4dc7-7c3e-9b1d-4f6a2c8e0d11";

export const LEAD: z.infer<typeof leadShape> = {
  id: LEAD_ID,
  receivedAt: "2026-11-22T09:30:00.007Z",
  email: "jane@acme-robotics.de",
  phone: "+49 30 1234567",
  name: "Jane Doe",
  company: "Acme Robotics",
  companyDomain: "acme-robotics.de",
  countryCode: "DE",
  region: "Berlin",
  source: "webinar",
  score: 64,
  fields: { message: "How soon can you start?" },
  erasedAt: null,
};

export const DECISION: z.infer<typeof decisionShape> = {
  leadId: LEAD_ID,
  generation: 1,
  outcome: "assigned",
  rule: "DACH",
  podId: "dach",
  ownerId: "bo",
  reason:
    "bo was next in dach (owed the most of 2 eligible): the rule DACH matched because the country is DE.",
  trail: [
    {
      rule: "matched account",
      kind: "matched_account",
      outcome: "no_match",
      reason: "acme-robotics.de belongs to no account",
    },
    {
      rule: "DACH",
      kind: "territory",
      outcome: "matched",
      reason: "the country is DE",
      podId: "dach",
      candidates: [
        {
          repId: "ana",
          eligibility: "eligible",
          reason: "has 4 of 15 leads today",
          until: null,
          count: 4,
          cap: 15,
          weight: 1,
          balance: -333333333,
          balanceAfter: 0,
        },
        {
          repId: "bo",
          eligibility: "eligible",
          reason: "has 7 of 15 leads today",
          until: null,
          count: 7,
          cap: 15,
          weight: 2,
          balance: 333333333,
          balanceAfter: 0,
        },
        {
          repId: "cy",
          eligibility: "absent",
          reason: "is away until 2026-12-01 09:00 Europe/Berlin",
          until: "2026-12-01T08:00:00.000Z",
          count: 0,
          cap: 15,
          weight: 1,
          balance: 0,
        },
      ],
      picked: "bo",
      runnerUp: "ana",
    },
  ],
  chainVersion: "4be0c1a97f35",
  decidedAt: "2026-11-22T09:30:01.214Z",
  committedAt: "2026-11-22T09:30:01.260Z",
  decidedBy: "router",
  claimSeq: 412,
};

export const UNASSIGNED: z.infer<typeof decisionShape> = {
  ...DECISION,
  outcome: "unassigned",
  rule: null,
  podId: null,
  claimSeq: null,
  ownerId: null,
  reason:
    "No rule found a rep: DACH matched but nobody in dach was eligible (1 away); the fallback matched too, but everyone has no members.",
  trail: [
    {
      rule: "DACH",
      kind: "territory",
      outcome: "no_eligible_rep",
      reason: "the country is DE, but nobody in dach was eligible (1 away)",
      podId: "dach",
      candidates: [
        {
          repId: "cy",
          eligibility: "absent",
          reason: "is away until 2026-12-01 09:00 Europe/Berlin",
          until: "2026-12-01T08:00:00.000Z",
          count: 0,
          cap: 15,
          weight: 1,
          balance: 0,
        },
      ],
    },
    {
      rule: "fallback",
      kind: "fallback",
      outcome: "no_eligible_rep",
      reason: "it takes every lead, but everyone has no members",
      podId: "everyone",
      candidates: [],
    },
  ],
};

export const BY_HAND: z.infer<typeof decisionShape> = {
  ...DECISION,
  generation: 2,
  rule: null,
  podId: null,
  claimSeq: null,
  ownerId: "ana",
  reason: "ops gave it to ana by hand: they know each other.",
  trail: [
    {
      rule: "by hand",
      kind: "manual",
      outcome: "matched",
      reason: "ops gave it to ana by hand: they know each other.",
      picked: "ana",
    },
  ],
  decidedAt: "2026-11-22T10:02:17.530Z",
  committedAt: "2026-11-22T10:02:17.530Z",
  decidedBy: "ops",
};

export const NOTIFIED: z.infer<typeof leadEventShape> = {
  id: "01a20297-5752-7d02-8a55-c3b7f0d1e624",
  leadId: LEAD_ID,
  generation: 1,
  kind: "notified",
  actor: "router",
  occurredAt: "2026-11-22T09:30:02.450Z",
  detail: { channel: "assignments", leadsInMessage: 1 },
};
