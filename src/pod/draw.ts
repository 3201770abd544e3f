import type { Pod, PodSettings } from "../rules/pod.ts";
import type { Candidate, Draw, Eligibility } from "../rules/trail.ts";
import { localDay } from "../roster/index.ts";
import type { Roster } from "../ports/roster.ts";
import type { Claim } from "./claims.ts";
import { judge } from "./eligibility.ts";
import { creditAll, takeTurn } from "./ledger.ts";
import type { ClaimResult, ClaimWanted, PodSnapshot } from "../ports/pod.ts";
import { countDay, countOpen, newLine, type PodState } from "./state.ts";
import { explainNobody } from "../rules/explain.ts";

/** Why a rep whom the commit refused for this lead gets it not: in the trail of the walk and of the pod alike. */
export const OWN_CAP_REACHED = "has reached their own cap of leads a day";

/** Above this many members the trail names those that mattered and counts the rest, so that rows stay small. */
const FULL_LIST = 50;
/** How many skipped members a shortened list still names: those owed the most, who would ask first. */
const NAMED_SKIPPED = 10;

/** Draws a rep for one lead. Changes `state`; the claim is null when nobody was eligible. */
export function draw(
  wanted: ClaimWanted,
  state: PodState,
  roster: Roster,
  settings: PodSettings,
  now: number,
): { result: ClaimResult; claim: Claim | null } {
  const key = { leadId: wanted.leadId, generation: wanted.generation };
  const refusals = (wanted.refused ?? []).map((repId) => [repId, OWN_CAP_REACHED]);
  const ruledOut: Record<string, string> = { ...wanted.excluded, ...Object.fromEntries(refusals) };
  const candidates = roster.members.map((member) => judge(member, state, settings, ruledOut, now));
  const seats = candidates
    .filter((candidate) => candidate.eligibility === "eligible")
    .map((candidate) => ({ ...candidate, lastSeq: state.ledger[candidate.repId]?.lastSeq ?? 0 }));
  const turn = takeTurn(seats);
  const member = roster.members.find(({ repId }) => repId === turn?.picked);
  if (turn === null || member === undefined) {
    return {
      result: { ...key, outcome: "nobody", ...shorten(candidates, []), runnerUp: null },
      claim: null,
    };
  }

  const seq = ++state.lastSeq;
  state.standing += 1;
  for (const [repId, credit] of turn.credits) {
    const line = state.ledger[repId];
    if (line) line.balance += credit;
  }
  const line = (state.ledger[turn.picked] ??= newLine(state));
  line.balance -= turn.price;
  line.lastSeq = seq;
  line.received += 1;
  const day = localDay(member.timeZone, now);
  countDay(state, turn.picked, day, 1);
  countOpen(state, turn.picked, 1);

  const mattered = turn.runnerUp === null ? [turn.picked] : [turn.picked, turn.runnerUp];
  const told = shorten(candidates, mattered);
  const drawn: Draw = {
    ...told,
    candidates: told.candidates.map((candidate) => ({
      ...candidate,
      balanceAfter: state.ledger[candidate.repId]?.balance ?? candidate.balance,
    })),
    runnerUp: turn.runnerUp,
  };
  const claimed = { ...key, repId: turn.picked, seq, day, claimedAt: now };
  return {
    result: { outcome: "claimed", ...claimed, ...drawn },
    claim: {
      ...claimed,
      state: "held",
      open: true,
      credits: Object.fromEntries(turn.credits),
      draw: drawn,
    },
  };
}

function shorten(
  candidates: readonly Candidate[],
  mattered: readonly string[],
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
 * gains their share, and the member pays it, eligible or not. Changes `state`; a rep who is no member any more pays nothing.
 */
export function enterDebit(
  repId: string,
  state: PodState,
  roster: Roster,
  settings: PodSettings,
  now: number,
): void {
  const payer = state.ledger[repId];
  if (!payer) return;
  const seats = roster.members.filter(
    (member) =>
      member.repId === repId || judge(member, state, settings, {}, now).eligibility === "eligible",
  );
  const { credits, price } = creditAll(seats);
  for (const [seat, credit] of credits) {
    const line = state.ledger[seat];
    if (line) line.balance += credit;
  }
  payer.balance -= price;
  payer.received += 1;
}

/**
 * What a pod shows of itself. Pure.
 * @param now the pod's clock, in milliseconds since the epoch
 * @param held the number of claims that no decision has settled yet
 */
export function takeSnapshot(
  state: PodState,
  roster: Roster,
  { id, settings }: Pod,
  now: number,
  held: number,
): PodSnapshot {
  const members = roster.members.map((member) => ({
    ...judge(member, state, settings, {}, now),
    open: state.open[member.repId] ?? 0,
    openCap: member.openCap ?? settings.openCap ?? null,
    received: state.ledger[member.repId]?.received ?? 0,
  }));
  const seats = members
    .filter(({ eligibility }) => eligibility === "eligible")
    .map((member) => ({ ...member, lastSeq: state.ledger[member.repId]?.lastSeq ?? 0 }));
  const reason = explainNobody(id, { candidates: members });
  return {
    version: roster.version,
    at: now,
    next: takeTurn(seats)?.picked ?? null,
    members,
    waiting: state.waiting.map(({ leadId, generation, since, until }, place) => ({
      leadId,
      generation,
      place: place + 1,
      since,
      until,
      reason,
    })),
    standing: state.standing,
    held,
  };
}
