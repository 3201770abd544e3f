import { waitLimitMs } from "../rules/pod.ts";
import { type DecisionKey, sameKey } from "../record/decision-key.ts";
import { draw } from "./draw.ts";
import type { Claim } from "./claims.ts";
import { judge } from "./eligibility.ts";
import type { ClaimWanted } from "../ports/pod.ts";
import type { PodNow, PodState, WaitingLead } from "./state.ts";

/** Leads that wait in a pod at most: they are part of the state, which is one row of at most 2 MB. */
const WAITING_LIMIT = 2000;

/** The lead's place among those that wait, from 0; -1 when it does not wait. */
function placeOf(state: PodState, key: DecisionKey): number {
  return state.waiting.findIndex((lead) => sameKey(lead, key));
}

/** Has a lead wait, if the pod waits at all and has room; one that waits already keeps its place. Changes `state`; returns the place. */
export function startWaiting(
  { leadId, generation, excluded }: ClaimWanted,
  { state, settings, now }: Omit<PodNow, "roster">,
): number {
  const place = placeOf(state, { leadId, generation });
  const existing = state.waiting[place];
  if (existing) {
    state.waiting[place] = { ...existing, excluded: { ...existing.excluded, ...excluded } };
    return place;
  }
  const limit = waitLimitMs(settings);
  if (limit === null || state.waiting.length >= WAITING_LIMIT) return -1;
  const wait = { since: now, until: now + limit, called: false };
  return state.waiting.push({ leadId, generation, excluded, ...wait }) - 1;
}

/** The lead waits no longer, if it did. Changes `state`. */
export function stopWaiting(state: PodState, key: DecisionKey): void {
  const place = placeOf(state, key);
  if (place >= 0) state.waiting.splice(place, 1);
}

/**
 * Draws for waiting leads, the longest waiting first; one for whom nobody is eligible lets the next try. Those whose
 * wait is over are left to their pass. Changes `state`.
 */
export function drawForWaiting(pod: PodNow): Claim[] {
  const { state, now } = pod;
  const drawn: Claim[] = [];
  for (const lead of state.waiting.filter(({ until }) => until > now)) {
    const { claim } = draw(lead, pod);
    if (!claim) continue;
    drawn.push(claim);
    stopWaiting(state, lead);
  }
  return drawn;
}

/** Marks and returns those whose wait is over and whose pass was not called yet. Changes `state`. */
export function callOverdue({ state, now }: Pick<PodNow, "state" | "now">): WaitingLead[] {
  const overdue = state.waiting.filter((lead) => lead.until <= now && !lead.called);
  if (overdue.length > 0)
    state.waiting = state.waiting.map((lead) =>
      lead.until <= now ? { ...lead, called: true } : lead,
    );
  return overdue;
}

/**
 * When a waiting lead may get a rep by itself: somebody is back, a day turns, or a wait is over. Null when only a release or a
 * change of the roster can bring that about; those come as calls.
 */
export function nextMove(pod: PodNow): number | null {
  const { state, roster, now } = pod;
  const waits = state.waiting.map(({ until }) => until).filter((until) => until > now);
  if (waits.length === 0) return null;
  const ends = roster.members.flatMap((member) => judge(member, pod).until ?? []);
  return Math.min(...waits, ...ends.filter((end) => end > now));
}
