import { type PodSettings, waitLimitMs } from "../rules/pod.ts";
import { type DecisionKey, sameKey } from "../record/decision-key.ts";
import type { Roster } from "../ports/roster.ts";
import { draw } from "./draw.ts";
import type { Claim } from "./claims.ts";
import { judge } from "./eligibility.ts";
import type { ClaimWanted } from "../ports/pod.ts";
import type { PodState, WaitingLead } from "./state.ts";

/** Leads a pod keeps in line at most: the line is part of the state, which is one row of at most 2 MB. */
const LINE_LIMIT = 2000;

/** The lead's place in line, from 0; -1 when it is not in it. */
function placeOf(state: PodState, key: DecisionKey): number {
  return state.waiting.findIndex((lead) => sameKey(lead, key));
}

/** Puts a lead in line, if the pod waits at all and the line is not full; one that is in it keeps its place. Changes `state`. */
export function standInLine(
  state: PodState,
  wanted: ClaimWanted,
  settings: PodSettings,
  now: number,
): number {
  const place = placeOf(state, wanted);
  const standing = state.waiting[place];
  if (standing) {
    state.waiting[place] = { ...standing, excluded: { ...standing.excluded, ...wanted.excluded } };
    return place;
  }
  const limit = waitLimitMs(settings);
  if (limit === null || state.waiting.length >= LINE_LIMIT) return -1;
  const { leadId, generation, excluded } = wanted;
  return (
    state.waiting.push({
      leadId,
      generation,
      excluded,
      since: now,
      until: now + limit,
      called: false,
    }) - 1
  );
}

/** Takes the lead out of the line, if it is in it. Changes `state`. */
export function leaveLine(state: PodState, key: DecisionKey): void {
  const place = placeOf(state, key);
  if (place >= 0) state.waiting.splice(place, 1);
}

/**
 * Draws for the leads in line, the longest waiting first; one for whom nobody is eligible lets the next try. Those whose
 * wait is over are left to their pass. Changes `state`.
 */
export function drainLine(
  state: PodState,
  roster: Roster,
  settings: PodSettings,
  now: number,
): Claim[] {
  const drawn: Claim[] = [];
  for (const lead of state.waiting.slice()) {
    if (lead.until <= now) continue;
    const { claim } = draw(lead, state, roster, settings, now);
    if (!claim) continue;
    drawn.push(claim);
    leaveLine(state, lead);
  }
  return drawn;
}

/** Marks and names those whose wait is over and whose pass was not called yet. Changes `state`. */
export function callOverdue(state: PodState, now: number): WaitingLead[] {
  const overdue = state.waiting.filter((lead) => lead.until <= now && !lead.called);
  if (overdue.length > 0) {
    state.waiting = state.waiting.map((lead) =>
      lead.until <= now ? { ...lead, called: true } : lead,
    );
  }
  return overdue;
}

/**
 * When the line may move by itself: somebody is back, a day turns, or a wait is over. Null when only a release or a change
 * of the roster can move it; those come as calls.
 */
export function nextMove(
  state: PodState,
  roster: Roster,
  settings: PodSettings,
  now: number,
): number | null {
  const waiting = state.waiting.filter((lead) => lead.until > now);
  if (waiting.length === 0) return null;
  const ends = roster.members.flatMap(
    (member) => judge(member, state, settings, {}, now).until ?? [],
  );
  return Math.min(...waiting.map((lead) => lead.until), ...ends.filter((end) => end > now));
}
