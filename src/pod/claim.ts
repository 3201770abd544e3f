import type { PodSettings } from "../rules/pod.ts";
import type { Candidate, Draw, Eligibility } from "../rules/trail.ts";
import type { DecisionKey } from "../record/decision-key.ts";
import { localDay } from "../roster/index.ts";
import type { Roster } from "../ports/roster.ts";
import { judge } from "./eligibility.ts";
import { takeTurn } from "./ledger.ts";
import type { ClaimResult, ClaimWanted } from "../ports/pod.ts";
import { countDay, countOpen, newLine, type PodState } from "./state.ts";

/** A claim as the pod keeps it: held → settled | returned. */
export interface Claim extends DecisionKey {
  readonly seq: number;
  readonly repId: string;
  readonly day: string;
  readonly claimedAt: number;
  readonly state: "held" | "settled" | "returned";
  /** Counts toward the rep's open leads; freed at most once. */
  readonly open: boolean;
  /** What each eligible member gained for this lead, in units: undone if the claim is given back. */
  readonly credits: Readonly<Record<string, number>>;
  /** The draw as it was told to the caller, to be repeated as it was. Dropped once no longer held. */
  readonly draw: Draw | null;
}

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

/** The answer to a claim that is asked again. */
export function repeat(claim: Claim, told: Draw): ClaimResult {
  const { leadId, generation, repId, seq, day, claimedAt } = claim;
  return { outcome: "claimed", leadId, generation, repId, seq, day, claimedAt, ...told };
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
