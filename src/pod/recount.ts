import type { PodDecision } from "../record/pod-decisions.ts";
import type { Roster } from "../ports/roster.ts";
import { type Claim, settle } from "./claims.ts";
import { adoptRoster, countDay, countOpen, forgetOldDays, type PodState } from "./state.ts";

/** What the decisions say that a pod has, counted page by page. */
export interface Recount extends Pick<PodState, "standing" | "lastSeq" | "days" | "open"> {
  readonly received: Record<string, number>;
  /** `joinedAfter` of each member when the counting began. */
  readonly joinedAfter: Readonly<Record<string, number>>;
  /** Numbers of claims that were held and that a decision names. */
  readonly named: Set<number>;
}

export function beginRecount({ ledger }: PodState): Recount {
  const joined = Object.entries(ledger).map(([repId, line]) => [repId, line.joinedAfter] as const);
  return {
    standing: 0,
    lastSeq: 0,
    days: {},
    open: {},
    received: {},
    joinedAfter: Object.fromEntries(joined),
    named: new Set(),
  };
}

/** Counts one decision. Changes `recount`. */
export function countDecision(
  recount: Recount,
  { claimSeq, ownerId, day, open }: PodDecision,
  isHeld: (seq: number) => boolean,
): void {
  recount.standing += 1;
  recount.lastSeq = Math.max(recount.lastSeq, claimSeq);
  countDay(recount, ownerId, day, 1);
  if (open === 1) countOpen(recount, ownerId, 1);
  if (claimSeq > (recount.joinedAfter[ownerId] ?? Infinity))
    recount.received[ownerId] = (recount.received[ownerId] ?? 0) + 1;
  if (isHeld(claimSeq)) recount.named.add(claimSeq);
}

/**
 * Counts decisions that the archive has. Changes `recount`. Their numbers are not known here: for a member who left and came back,
 * what they received before counts as well.
 */
export function countArchivedClaims(
  recount: Recount,
  archived: readonly { readonly repId: string; readonly count: number }[],
): void {
  for (const { repId, count } of archived) {
    recount.standing += count;
    recount.received[repId] = (recount.received[repId] ?? 0) + count;
  }
}

/** The claim behind a decision, as the pod keeps it. */
export function claimOf(decision: PodDecision): Claim {
  const { leadId, generation, claimSeq: seq, ownerId: repId, day, decidedAt, open } = decision;
  return {
    leadId,
    generation,
    seq,
    repId,
    day,
    claimedAt: decidedAt,
    state: "settled",
    open: open === 1,
    credits: {},
    draw: null,
  };
}

/**
 * Makes of a pod's state one that goes by the decisions of a new epoch. Exact: claims, counts of days, open leads, what each
 * member received, roster. The ledger goes back by the claims that were still held and that no decision names, to the unit.
 * What a decision moved that is gone stays moved: its draw is no longer known, and its rep was notified of the lead. The
 * balances sum to zero as ever. Waiting leads go on waiting. Numbers of claims go on from the highest there ever was, so that
 * one of an older epoch names no claim of this one. Changes `state`.
 * @param held the claims that the pod held until now
 */
export function adoptRecount(
  state: PodState,
  recount: Recount,
  held: Iterable<Claim>,
  rosters: { readonly before: Roster; readonly after: Roster },
  epoch: number,
): void {
  for (const claim of held)
    if (!recount.named.has(claim.seq)) settle(claim, "lead_gone", state, rosters.before);
  state.lastSeq = Math.max(state.lastSeq, recount.lastSeq);
  adoptRoster(state, rosters.before, rosters.after);
  for (const [repId, line] of Object.entries(state.ledger)) {
    const stayed = recount.joinedAfter[repId] === line.joinedAfter;
    line.received = stayed ? (recount.received[repId] ?? 0) : 0;
  }
  const { standing, days, open } = recount;
  const unsettledFrom = state.lastSeq + 1;
  Object.assign(state, { epoch, standing, days, open, full: {}, unsettledFrom });
  forgetOldDays(state);
}
