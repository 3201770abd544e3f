import { sql } from "../lib/query.ts";

/** What a destination can be told of a decision; each decision is of exactly one type, for good. */
export const EVENT_TYPES = [
  /** A rep has it, and nobody had it right before. */
  "lead.assigned",
  /** Nobody has it. */
  "lead.unassigned",
  /** A rep has it, and the decision right before had given it to somebody, be it the same rep. */
  "lead.rerouted",
] as const;
export type EventType = (typeof EVENT_TYPES)[number];

/** The type of the decision `d`: an expression for a query over `decisions d`. */
export const eventTypeOf = sql`CASE
  WHEN d.outcome = 'unassigned' THEN 'lead.unassigned'
  WHEN EXISTS (
    SELECT 1 FROM decisions b WHERE b.lead_id = d.lead_id AND b.generation = d.generation - 1 AND b.outcome = 'assigned'
  ) THEN 'lead.rerouted'
  ELSE 'lead.assigned' END`;
