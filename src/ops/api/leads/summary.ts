import type { LeadStory, StoredDecision } from "../../../record/lead-story.ts";
import type { Situation } from "../../../record/lead-acts.ts";

/** What a lead waits for: `pending` = a decision, its first or one that somebody asked for. */
export type LeadState = "assigned" | "unassigned" | "pending" | "closed";

export function stateOf({ closed, intent, outcome }: Situation): LeadState {
  if (closed === 1) return "closed";
  return intent !== null || outcome === null ? "pending" : outcome;
}

/**
 * The lead's state in words that a sales rep understands: "Assigned to bo 1.2 s after it came in: bo was next in
 * dach (owed the most of 3 eligible): the rule DACH matched because the country is DE."
 */
export function summarise({ lead, situation, decisions, events }: LeadStory): string {
  const decision = decisions.at(-1);
  if (decision === undefined) return "Came in and waits to be routed.";
  const standing = explainDecision(decision, lead.receivedAt);
  if (situation.closed === 1) {
    const closing = events.findLast(({ kind }) => kind === "closed");
    return `Closed by ${closing?.actor ?? "somebody"}: ${say(closing?.detail["reason"])} Before that: ${standing}`;
  }
  if (situation.intent !== null) {
    const asked = events.findLast(({ kind }) => kind === "reroute_requested");
    return `Being routed again, as ${asked?.actor ?? "somebody"} asked: ${say(asked?.detail["reason"])} Until then: ${standing}`;
  }
  return standing;
}

function explainDecision(decision: StoredDecision, receivedAt: number): string {
  const { outcome, ownerId, decidedAt, reason } = decision;
  const what = outcome === "assigned" ? `Assigned to ${ownerId}` : "Nobody got it";
  return `${what} ${duration(decidedAt - receivedAt)} after it came in: ${reason}`;
}

/** A reason somebody typed, as a sentence. */
function say(reason: unknown): string {
  const text = typeof reason === "string" ? reason : "no reason given";
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

/** Two hours read as "120 min", not as "2 h": whoever counts a lead's age counts in minutes up to there. */
function duration(milliseconds: number): string {
  const seconds = Math.max(0, milliseconds) / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  if (seconds <= 120 * 60) return `${Math.round(seconds / 60)} min`;
  const hours = seconds / 3600;
  return hours <= 48 ? `${Math.round(hours)} h` : `${Math.round(hours / 24)} days`;
}
