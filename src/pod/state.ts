import type { Roster } from "../ports/roster.ts";
import type { PodSettings } from "../rules/pod.ts";
import type { ClaimWanted } from "../ports/pod.ts";
import { spread } from "./ledger.ts";

/** One member's line in the ledger. */
export interface LedgerLine {
  /** Units owed (see UNITS_PER_LEAD). All lines together sum to zero. */
  balance: number;
  /** Number of the last claim won; 0 = none. */
  lastSeq: number;
  /** Number of the pod's last claim when the member joined: what earlier claims moved was settled when they left. */
  joinedAfter: number;
  /** Claims won since, less those given back. */
  received: number;
}

/** A lead that waits for somebody of the pod to become eligible. */
export interface WaitingLead extends ClaimWanted {
  /** Milliseconds since the epoch. */
  readonly since: number;
  /** When the pod gives up: milliseconds since the epoch. */
  readonly until: number;
  /** Its wait is over, and its pass was called to take it on to the next rule. */
  readonly called: boolean;
}

/** Everything a pod counts. Plain data: it is stored as one JSON row. */
export interface PodState {
  /** Which epoch of D1 the counts belong to: see src/record/marks.ts. */
  epoch: number;
  /** The latest instant the pod has seen, in milliseconds: its clock never runs backwards. */
  clock: number;
  lastSeq: number;
  /** Claims drawn and not given back: at rest, the number of decisions that name this pod. */
  standing: number;
  ledger: Record<string, LedgerLine>;
  /** Claims per rep and local date (YYYY-MM-DD). Kept for reps who left: their count goes on if they come back the same day. */
  days: Record<string, Record<string, number>>;
  /** Open leads per rep. */
  open: Record<string, number>;
  /** Persons D1 refused for their own cap: the local date on which they are full. */
  full: Record<string, string>;
  /** Leads that wait for somebody to become eligible, the longest waiting first. */
  waiting: WaitingLead[];
  /** No claim numbered below this one is still held. */
  unsettledFrom: number;
}

/** A pod at one instant, as the functions of a step see it. Those that move something change `state`. */
export interface PodNow {
  readonly state: PodState;
  readonly roster: Roster;
  readonly settings: PodSettings;
  /** The pod's clock: milliseconds since the epoch. */
  readonly now: number;
}

export function emptyState(): PodState {
  return {
    epoch: 0,
    clock: 0,
    lastSeq: 0,
    standing: 0,
    ledger: {},
    days: {},
    open: {},
    full: {},
    waiting: [],
    unsettledFrom: 1,
  };
}

/** The line of a member who joins now: a joiner starts at zero. */
export function newLine(state: PodState): LedgerLine {
  return { balance: 0, lastSeq: 0, joinedAfter: state.lastSeq, received: 0 };
}

/** The roster changed: joiners start at zero, a leaver's balance is spread over the rest by weight. Changes `state`. */
export function adoptRoster(state: PodState, before: Roster, after: Roster): void {
  const stays = new Set(after.members.map((member) => member.repId));
  let left = 0;
  for (const [repId, line] of Object.entries(state.ledger)) {
    if (stays.has(repId)) continue;
    left += line.balance;
    delete state.ledger[repId];
  }
  for (const { repId } of after.members) state.ledger[repId] ??= newLine(state);
  handOut(state, left, after);

  const capBefore = new Map(before.members.map((member) => [member.repId, member.ownDailyCap]));
  for (const member of after.members) {
    if (capBefore.get(member.repId) !== member.ownDailyCap) delete state.full[member.repId];
  }
}

/** Spreads an amount over the roster's members by weight. Changes `state`. */
export function handOut(state: PodState, amount: number, roster: Roster): void {
  if (amount === 0) return;
  const weights = new Map(roster.members.map((member) => [member.repId, member.weight]));
  for (const [repId, part] of spread(amount, weights)) {
    const line = state.ledger[repId];
    if (line) line.balance += part;
  }
}

/** Adds to a rep's count of a day; a count that falls to zero is forgotten. Changes `state`. */
export function countDay(
  state: Pick<PodState, "days">,
  repId: string,
  day: string,
  by: 1 | -1,
): void {
  const days = (state.days[repId] ??= {});
  days[day] = (days[day] ?? 0) + by;
  if (days[day] <= 0) delete days[day];
  if (Object.keys(days).length === 0) delete state.days[repId];
}

/** Adds to a rep's open leads; a count that falls to zero is forgotten. Changes `state`. */
export function countOpen(state: Pick<PodState, "open">, repId: string, by: 1 | -1): void {
  const open = (state.open[repId] ?? 0) + by;
  if (open > 0) state.open[repId] = open;
  else delete state.open[repId];
}

/**
 * Forgets days that no clock on Earth shows any more: local dates differ by at most a day from UTC, so
 * what is older than two days cannot come back. Changes `state`.
 */
export function forgetOldDays(state: PodState): void {
  const oldest = new Date(state.clock - 2 * 24 * 60 * 60 * 1000).toISOString().slice(0, 10);
  for (const [repId, days] of Object.entries(state.days)) {
    for (const day of Object.keys(days)) if (day < oldest) delete days[day];
    if (Object.keys(days).length === 0) delete state.days[repId];
  }
}
