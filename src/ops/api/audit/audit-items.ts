import { z } from "zod";
import type { AuditEvent } from "../../../record/events.ts";
import type { TimelineItem } from "../../audit/timeline.ts";
import { csvWriter, ndjsonWriter } from "./export-format.ts";
import { DECISION, NOTIFIED } from "../leads/lead-examples.ts";
import { decisionShape, leadEventShape } from "../leads/lead-shapes.ts";
import { isoInstant, presentDecision } from "../present.ts";
import { isoText } from "../shapes.ts";

const commit = {
  commitNo: z.int().meta({
    description: "Number of the commit that wrote it: the strict order of everything.",
  }),
  at: isoText.meta({ description: "The commit's instant, by the clock of whoever committed." }),
};

/** A decision in the timeline. */
const timelineDecision = decisionShape
  .extend({ ...commit, type: z.literal("decision") })
  .meta({ id: "TimelineDecision", description: "A decision, where it stands in the timeline." });

/** An event in the timeline, of whatever it is about. */
const timelineEvent = leadEventShape
  .extend({
    ...commit,
    type: z.literal("event"),
    leadId: z.string().nullable().meta({ description: "Null for what is not about a lead." }),
    subjectType: z.string().meta({
      examples: [
        "lead",
        "rep",
        "member",
        "absence",
        "account",
        "import",
        "quarantine",
        "source",
        "delivery",
        "destination",
        "alert",
        "person",
      ],
    }),
    subjectId: z.string().meta({
      description: "The lead's id, bo, dach/bo, bo/summer, acme.com, the import's id.",
    }),
  })
  .meta({
    id: "TimelineEvent",
    description: "Whatever else happened, to a lead or by configuration.",
  });

/**
 * An item of the timeline: flat, told apart by `type`, its fields under the names they have in a lead's story. A
 * CSV has the same names as columns.
 */
export const timelineItem = z.discriminatedUnion("type", [timelineDecision, timelineEvent]);

export function presentItem({ no, at, ...row }: TimelineItem) {
  const place = { commitNo: no, at: isoInstant(at) };
  return row.type === "decision"
    ? { ...place, type: row.type, ...presentDecision(row.decision) }
    : { ...place, type: row.type, ...presentSubjectEvent(row.event) };
}

function presentSubjectEvent({ subjectType, subjectId, occurredAt, ...event }: AuditEvent) {
  const leadId = subjectType === "lead" ? subjectId : null;
  return { ...event, subjectType, subjectId, leadId, occurredAt: isoInstant(occurredAt) };
}

/** What people look for first stands first; what is long stands last. */
const COLUMNS: readonly string[] = [
  "commitNo",
  "at",
  "type",
  "leadId",
  "generation",
  "outcome",
  "ownerId",
  "podId",
  "rule",
  "reason",
  "kind",
  "actor",
  "subjectType",
  "subjectId",
  "decidedBy",
  "decidedAt",
  "committedAt",
  "occurredAt",
  "chainVersion",
  "claimSeq",
  "id",
  "detail",
  "trail",
];

/** How the timeline is exported. */
export const timelineWriters = { csv: csvWriter(COLUMNS), ndjson: ndjsonWriter() };

/** Two items as they really come. */
export const TIMELINE: readonly z.infer<typeof timelineItem>[] = [
  {
    commitNo: 5,
    at: NOTIFIED.occurredAt,
    type: "event",
    ...NOTIFIED,
    subjectType: "lead",
    subjectId: NOTIFIED.leadId,
  },
  { commitNo: 4, at: DECISION.committedAt, type: "decision", ...DECISION },
];
