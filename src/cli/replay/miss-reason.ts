import { findUnavailability, localDay } from "../../roster/index.ts";
import { OWN_CAP_REACHED } from "../../pod/index.ts";
import type { Foreseen } from "./foresee.ts";
import type { RecordedDecision } from "./record.ts";
import type { Run } from "./run.ts";
import { differingSeats } from "./same-trail.ts";

/** Why the record does not allow a decision to be reproduced; `unexplained` is a fault of the replay or of the router. */
export type MissReason =
  | "lead_erased"
  | "configuration_under_way"
  | "open_leads_unknown"
  | "own_cap_unknown"
  | "claims_between"
  | "clocks"
  | "ledger_unknown"
  | "unexplained";

type SeatPair = ReturnType<typeof differingSeats>[number];

/** A change of the configuration reaches its pods within this, in milliseconds; clocks of machines differ by less. */
const UNDER_WAY_MS = 60_000;
/** A pod that could not be reached, or a caller whose clock was off: then it takes longer, and the candidates show it. */
const LATE_MS = 15 * 60_000;
/** The steps of one pass are taken at most so far apart, in milliseconds: an end of hours may fall between. */
const PASS_MS = 15_000;

/** Why a decision came out otherwise than foreseen. To be asked before the run goes on. */
export function findMissReason(
  run: Run,
  decision: RecordedDecision,
  foreseen: Foreseen,
  erased: boolean,
): MissReason {
  if (erased) return "lead_erased";
  const { trail, decidedAt: at } = decision;
  const seats = differingSeats(trail, foreseen.outcome.trail);
  const judged = new Set(
    seats
      .filter(({ recorded: one, foreseen: other }) => one?.eligibility !== other?.eligibility)
      .flatMap(({ recorded: one, foreseen: other }) => [one?.eligibility, other?.eligibility]),
  );
  const { changes } = run.setting;
  if (isNear(changes, at, UNDER_WAY_MS)) return "configuration_under_way";
  const otherTeam =
    seats.some(isOtherRoster) || toldOfOwner(trail) !== toldOfOwner(foreseen.outcome.trail);
  if (otherTeam && isNear(changes, at, LATE_MS)) return "configuration_under_way";
  if (judged.has("at_open_cap")) return "open_leads_unknown";
  if (judged.has("at_own_daily_cap") || judged.has("excluded")) return "own_cap_unknown";
  if (wasAnybodyFull(trail) || foreseen.journey.refused.size > 0) return "own_cap_unknown";
  if (skipsNumbers(run, decision) || seats.some(isMovedOtherwise)) return "claims_between";
  if (turnsNear(run, trail, at)) return "clocks";
  return isLedgerUnknown(run, decision, foreseen) ? "ledger_unknown" : "unexplained";
}

/** Whether the configuration changed so near to an instant that a pod may not have known it, or known it sooner. */
function isNear(changes: readonly number[], at: number, within: number): boolean {
  let [low, high] = [0, changes.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((changes[middle] ?? Infinity) < at - within) low = middle + 1;
    else high = middle;
  }
  return (changes[low] ?? Infinity) <= at + within;
}

/** Whether a commit found somebody at their own cap; commits count in an order of their own. */
function wasAnybodyFull(trail: RecordedDecision["trail"]): boolean {
  return trail.some(
    ({ reason, candidates = [] }) =>
      reason.endsWith(OWN_CAP_REACHED) ||
      candidates.some((candidate) => candidate.reason === OWN_CAP_REACHED),
  );
}

/** Whether a claim before this one was drawn for no decision of the record: it was given back since, or came from before. */
function skipsNumbers(run: Run, { podId, claimSeq }: RecordedDecision): boolean {
  return podId !== null && claimSeq !== null && run.pod(podId).state.lastSeq + 1 !== claimSeq;
}

/** What is said of the account and its owner; nothing when no rule asks. */
function toldOfOwner(trail: RecordedDecision["trail"]): string | undefined {
  return trail.find(({ kind }) => kind === "matched_account")?.reason;
}

/** Whether the pod knew the member otherwise than the configuration of the instant has them. */
function isOtherRoster({ recorded, foreseen }: SeatPair): boolean {
  return (
    recorded === null ||
    foreseen === null ||
    recorded.weight !== foreseen.weight ||
    recorded.cap !== foreseen.cap ||
    (recorded.eligibility !== foreseen.eligibility &&
      [recorded, foreseen].some(({ eligibility }) => PRESENCE.has(eligibility)))
  );
}

const PRESENCE: ReadonlySet<string> = new Set(["inactive", "absent", "off_hours"]);

/** Between the draws on record nothing but a claim that was given back moves a count or a balance. */
function isMovedOtherwise({ recorded, foreseen }: SeatPair): boolean {
  return recorded?.count !== foreseen?.count || recorded?.balance !== foreseen?.balance;
}

/** Whether somebody's hours, absence or day began or ended while the pass was on its way. */
function turnsNear(run: Run, trail: RecordedDecision["trail"], at: number): boolean {
  return trail.some(
    ({ podId }) =>
      podId !== undefined &&
      run.pod(podId).roster.members.some((member) => {
        const kindAt = (instant: number) => findUnavailability(member, instant)?.kind;
        const dayAt = (instant: number) => localDay(member.timeZone, instant);
        const [before, after] = [at - PASS_MS, at + PASS_MS];
        return kindAt(before) !== kindAt(after) || dayAt(before) !== dayAt(after);
      }),
  );
}

/** Whether it hung on a turn from before the record, or on members whom a shortened trail leaves out. */
function isLedgerUnknown(run: Run, decision: RecordedDecision, { outcome }: Foreseen): boolean {
  const { podId, ownerId, trail } = decision;
  if (trail.some(({ others }) => others !== undefined)) return true;
  if (podId === null) return false;
  return [ownerId, outcome.ownerId].some((repId) => {
    const line = repId === null ? undefined : run.pod(podId).line(repId);
    return line !== undefined && !Number.isInteger(line.lastSeq);
  });
}
