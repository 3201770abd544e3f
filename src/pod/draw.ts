import { explainNobody } from "../rules/explain.ts";
import type { Candidate, Draw, Eligibility } from "../rules/trail.ts";
import { localDay } from "../roster/index.ts";
import type { ClaimResult, ClaimWanted, PodSnapshot } from "../ports/pod.ts";
import type { Claim } from "./claims.ts";
import { judge } from "./eligibility.ts";
import { creditAll, takeTurn, type Turn } from "./ledger.ts";
import {
  countDay,
  countOpen,
  type LedgerLine,
  newLine,
  type PodNow,
  type PodState,
} from "./state.ts";

/** Why a rep whom the commit refused for this lead does not get it: the same in the trail of the rules and of the pod. */
export const OWN_CAP_REACHED = "has reached their own cap of leads a day";

/** Above this many members the trail names those that mattered and counts the rest, so that rows stay small. */
const FULL_LIST = 50;
/** How many skipped members a shortened list still names: those owed the most, who would ask first. */
const NAMED_SKIPPED = 10;

/** Draws a rep for one lead. Changes `state`; the claim is null when nobody was eligible. */
export function draw(
  { leadId, generation, excluded, refused = [] }: ClaimWanted,
  pod: PodNow,
): { result: ClaimResult; claim: Claim | null } {
  const { state, roster, now } = pod;
  const full = refused.map((repId) => [repId, OWN_CAP_REACHED] as const);
  const ruledOut: Record<string, string> = { ...excluded, ...Object.fromEntries(full) };
  const candidates = roster.members.map((member) => judge(member, pod, ruledOut));
  const turn = nextTurn(candidates, state);
  const member = roster.members.find(({ repId }) => repId === turn?.picked);
  if (turn === null || member === undefined) {
    const nobody = { ...shorten(candidates, []), runnerUp: null };
    return { result: { leadId, generation, outcome: "nobody", ...nobody }, claim: null };
  }

  const { picked: repId, runnerUp, credits } = turn;
  const seq = ++state.lastSeq;
  state.standing += 1;
  enterTurn(repId, turn, state).lastSeq = seq;
  const day = localDay(member.timeZone, now);
  countDay(state, repId, day, 1);
  countOpen(state, repId, 1);

  const named = shorten(candidates, [repId, runnerUp]);
  const drawn: Draw = {
    ...named,
    candidates: named.candidates.map((candidate) => ({
      ...candidate,
      balanceAfter: state.ledger[candidate.repId]?.balance ?? candidate.balance,
    })),
    runnerUp,
  };
  const claimed = { leadId, generation, repId, seq, day, claimedAt: now };
  return {
    result: { outcome: "claimed", ...claimed, ...drawn },
    claim: {
      ...claimed,
      state: "held",
      open: true,
      credits: Object.fromEntries(credits),
      draw: drawn,
    },
  };
}

/** Whose turn it is among the candidates; null when none is eligible. */
function nextTurn(candidates: readonly Candidate[], state: PodState): Turn | null {
  const eligible = candidates.filter(({ eligibility }) => eligibility === "eligible");
  return takeTurn(
    eligible.map((one) => ({ ...one, lastSeq: state.ledger[one.repId]?.lastSeq ?? 0 })),
  );
}

/** Credits every seat of a turn, and has the rep who gets the lead pay. Changes `state`; returns the rep's line. */
function enterTurn(
  repId: string,
  { credits, price }: Pick<Turn, "credits" | "price">,
  state: PodState,
): LedgerLine {
  for (const [seat, credit] of credits) {
    const line = state.ledger[seat];
    if (line) line.balance += credit;
  }
  const line = (state.ledger[repId] ??= newLine(state));
  line.balance -= price;
  line.received += 1;
  return line;
}

function shorten(
  candidates: readonly Candidate[],
  mattered: readonly (string | null)[],
): Omit<Draw, "runnerUp"> {
  if (candidates.length <= FULL_LIST) return { candidates };
  const skipped = candidates
    .filter((candidate) => candidate.eligibility !== "eligible")
    .toSorted((a, b) => b.balance - a.balance)
    .slice(0, NAMED_SKIPPED);
  const named = new Set([...mattered, ...skipped.map((candidate) => candidate.repId)]);
  const others: Partial<Record<Eligibility, number>> = {};
  for (const { repId, eligibility } of candidates) {
    if (!named.has(repId)) others[eligibility] = (others[eligibility] ?? 0) + 1;
  }
  return { candidates: candidates.filter(({ repId }) => named.has(repId)), others };
}

/**
 * Enters a lead that a member got past the rotation, as if they had just been picked: everybody who could have taken it
 * gains their share, and the member pays it, eligible or not. Changes `state`; a rep who is no longer a member pays nothing.
 */
export function enterDebit(repId: string, pod: PodNow): void {
  if (!pod.state.ledger[repId]) return;
  const seats = pod.roster.members.filter(
    (member) => member.repId === repId || judge(member, pod).eligibility === "eligible",
  );
  enterTurn(repId, creditAll(seats), pod.state);
}

/**
 * What a pod shows of itself. Pure.
 * @param held the number of claims that no decision has settled yet
 */
export function takeSnapshot(podId: string, pod: PodNow, held: number): PodSnapshot {
  const { state, roster, settings, now } = pod;
  const members = roster.members.map((member) => ({
    ...judge(member, pod),
    open: state.open[member.repId] ?? 0,
    openCap: member.openCap ?? settings.openCap ?? null,
    received: state.ledger[member.repId]?.received ?? 0,
  }));
  const reason = explainNobody(podId, { candidates: members });
  return {
    version: roster.version,
    at: now,
    next: nextTurn(members, state)?.picked ?? null,
    members,
    waiting: state.waiting.map(({ leadId, generation, since, until }, at) => {
      return { leadId, generation, place: at + 1, since, until, reason };
    }),
    standing: state.standing,
    held,
  };
}
