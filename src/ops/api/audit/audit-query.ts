import { z } from "zod";
import type { TimelineFilter } from "../../audit/timeline.ts";
import { formatField } from "./export-format.ts";
import { id, instant, should, text } from "../input.ts";
import { pageQuery } from "../page.ts";
import { Problem } from "../problem.ts";

/** Names in a list of them; a statement takes a hundred parameters. */
const MOST_NAMES = 20;

/** The forms the timeline is answered in. */
export const AUDIT_FORMATS = ["json", "csv", "ndjson"] as const;

const names = z
  .string({ error: should("a name, or several with commas between") })
  .regex(/^[a-z_]{1,63}(?:,[a-z_]{1,63})*$/, {
    error: should("a name, or several with commas between: lower-case letters and underscores"),
  })
  .transform((list) => list.split(","))
  .refine((list) => list.length <= MOST_NAMES, { error: `should be at most ${MOST_NAMES} names` });

const DECISIONS_ONLY = "Of decisions; leaves all events out.";

/** The query of `GET /audit`. What is given must all hold. */
export const auditQuery = z.strictObject({
  ...pageQuery.shape,
  format: formatField(AUDIT_FORMATS),
  order: z
    .enum(["asc", "desc"], { error: should("asc or desc") })
    .default("desc")
    .meta({
      description:
        "By commit: `desc` = the newest first, `asc` = the oldest first. Rows of one commit keep the order in which it names them.",
    }),
  type: z
    .enum(["decision", "event"], { error: should("decision or event") })
    .optional()
    .meta({ description: "Only decisions, or only events." }),
  lead: text(64).optional().meta({
    description:
      "A lead's id, or the id its caller was given: the lead's decisions and events. Reads that lead's rows alone.",
  }),
  owner: id.optional().meta({
    description:
      "A rep's id: decisions that gave them the lead, and events about the rep, their memberships and their absences.",
  }),
  pod: text(63).optional().meta({
    description:
      "Decisions by a turn in this pod, events about its members, and events of leads that name it, such as `waiting`.",
  }),
  rule: text(200)
    .optional()
    .meta({ description: `The rule's name. ${DECISIONS_ONLY}` }),
  outcome: z
    .enum(["assigned", "unassigned"], { error: should("assigned or unassigned") })
    .optional()
    .meta({ description: DECISIONS_ONLY }),
  chainVersion: text(64)
    .optional()
    .meta({ description: `The hash of the rules decided by. ${DECISIONS_ONLY}` }),
  kind: names.optional().meta({
    description:
      "One or several kinds of event, with commas between: `notified,notification_failed`. Leaves all decisions out.",
  }),
  subject: names.optional().meta({
    description:
      "What it is about, one or several with commas between: lead, rep, member, absence, account, import, quarantine. Decisions are about leads.",
  }),
  actor: text(63).optional().meta({
    description: "Who did it: an event's `actor`, a decision's `decidedBy`.",
  }),
  from: instant.optional().meta({ description: "Committed at or after." }),
  to: instant.optional().meta({ description: "Committed before." }),
});

export type AuditQuery = z.infer<typeof auditQuery>;

/** @throws {Problem} bad_request when what is asked for can be no row's: a decision and an event at once */
export function filterOf(query: AuditQuery): TimelineFilter {
  refuseContradiction(query);
  const { type = null, lead = null, owner = null, pod = null, rule = null, outcome = null } = query;
  const { chainVersion = null, kind: kinds = null, subject: subjects = null } = query;
  const { actor = null, from = null, to = null } = query;
  return { type, lead, owner, pod, rule, outcome, chainVersion, kinds, subjects, actor, from, to };
}

function refuseContradiction({
  type,
  rule,
  outcome,
  chainVersion,
  kind,
  subject,
}: AuditQuery): void {
  const decisions = Object.entries({ rule, outcome, chainVersion })
    .filter(([, value]) => value !== undefined)
    .map(([name]) => name);
  if (type === "decision") decisions.push("type");
  const events = [
    ...(kind === undefined ? [] : ["kind"]),
    ...(type === "event" ? ["type"] : []),
    ...(subject === undefined || subject.includes("lead") ? [] : ["subject"]),
  ];
  const [ofDecisions] = decisions;
  const [ofEvents] = events;
  if (ofDecisions === undefined || ofEvents === undefined) return;
  const message = `asks for events, and ${ofDecisions} asks for decisions: no row is both`;
  throw new Problem("bad_request", `The query cannot be used: ${ofEvents} ${message}.`, [
    { field: ofEvents, message },
  ]);
}
