import type { SQL } from "drizzle-orm";
import { leadBehind, leadFromRow, leadIdBehind } from "./leads.ts";
import type { Lead } from "../rules/lead.ts";
import { query, sql, transaction, type Query } from "../lib/query.ts";
import { decisions, events } from "./schema.ts";
import { columns, except, type StoredRow } from "./columns.ts";
import type { Decision } from "./decisions.ts";
import type { AuditEvent } from "./events.ts";
import { unpackTrail } from "./stored-trail.ts";
import { type Situation, situationOf } from "./lead-acts.ts";

/** A decision as readers see it: without what only the router's own bookkeeping needs. */
export interface StoredDecision extends Omit<Decision, "day" | "attempts"> {
  /** Milliseconds since the epoch. */
  readonly committedAt: number;
}

const readable = except(decisions, "day", "attempts", "commitNo");

/** A row of `decisions`; `trail` is JSON text. */
export type DecisionRow = StoredRow<typeof readable>;

/** The columns of a `DecisionRow`, from `decisions AS d`. */
export const decisionColumns = columns(readable, "d");

/** The decision that a row holds. Throws a SyntaxError when `trail` is no JSON, which the table's CHECK rules out. */
export function decisionFromRow(row: DecisionRow): StoredDecision {
  return { ...row, trail: unpackTrail(row.trail) };
}

/** A lead's decisions, the first generation first. */
export function decisionsOfLead(leadId: string | SQL): Query<DecisionRow> {
  return query(
    sql`SELECT ${decisionColumns} FROM decisions d WHERE d.lead_id = ${leadId} ORDER BY d.generation`,
  );
}

const eventColumns = except(events, "subjectType", "commitNo");

/** A lead's events in the order they were committed. */
function eventsOfLead(leadId: string | SQL): Query<StoredRow<typeof eventColumns>> {
  return query(sql`
    SELECT ${columns(eventColumns)} FROM events WHERE subject_type = 'lead' AND subject_id = ${leadId} ORDER BY commit_no, id`);
}

/** Everything that is known of one lead. */
export interface LeadStory {
  readonly lead: Lead;
  /** Milliseconds since the epoch; null = not erased. */
  readonly erasedAt: number | null;
  readonly situation: Situation;
  readonly decisions: readonly StoredDecision[];
  readonly events: readonly AuditEvent[];
}

/** The story of the lead behind an id that a caller was given, as of one instant; null when it is not stored. */
export async function readStory(db: D1Database, id: string): Promise<LeadStory | null> {
  const leadId = leadIdBehind(id);
  const [[lead], [situation], decided, happened] = await transaction(db, [
    leadBehind(id),
    situationOf(leadId),
    decisionsOfLead(leadId),
    eventsOfLead(leadId),
  ]);
  if (lead === undefined || situation === undefined) return null;
  return {
    lead: leadFromRow(lead),
    erasedAt: lead.erasedAt,
    situation,
    decisions: decided.map(decisionFromRow),
    events: happened.map((row) => ({
      ...row,
      subjectType: "lead",
      detail: JSON.parse(row.detail),
    })),
  };
}
