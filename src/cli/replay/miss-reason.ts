import { OWN_CAP_REACHED } from "../../pod/index.ts";
import { findUnavailability, localDay } from "../../roster/index.ts";
import type { Journey } from "./journey.ts";
import type { Outcome, RecordedDecision, RecordedStep, Seat } from "./record.ts";
import type { Run } from "./run.ts";

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

type Trail = readonly RecordedStep[];

/** A change of the configuration reaches its pods within this, in milliseconds; clocks of machines differ by less. */
const UNDER_WAY_MS = 60_000;
/** A pod that could not be reached, or a caller whose clock was off: then it takes longer, and the candidates show it. */
const LATE_MS = 15 * 60_000;
/** The steps of one pass are at most so far apart, in milliseconds: an end of hours may fall between. */
const PASS_MS = 15_000;

/** Why a decision came out otherwise than foreseen. To be asked before the run goes on. */
export function findMissReason(
  run: Run,
  decision: RecordedDecision,
  { outcome, journey }: { readonly outcome: Outcome; readonly journey: Journey },
): MissReason {
  const { trail, decidedAt: at } = decision;
  const pairs = differingSeats(trail, outcome.trail);
  const judged = new Set(
    pairs
      .filter(([one, other]) => one?.eligibility !== other?.eligibility)
      .flatMap((pair) => pair.map((seat) => seat?.eligibility)),
  );
  const changedWithin = (limit: number) =>
    run.setting.changes.some((change) => Math.abs(change - at) <= limit);
  if (changedWithin(UNDER_WAY_MS)) return "configuration_under_way";
  const otherTeam = pairs.some(isOtherRoster) || ownerReason(trail) !== ownerReason(outcome.trail);
  if (otherTeam && changedWithin(LATE_MS)) return "configuration_under_way";
  if (judged.has("at_open_cap")) return "open_leads_unknown";
  if (judged.has("at_own_daily_cap") || judged.has("excluded")) return "own_cap_unknown";
  if (wasAnybodyFull(trail) || journey.refused.size > 0) return "own_cap_unknown";
  // Between the draws on record nothing but a claim that was given back moves a count or a balance.
  if (skipsNumbers(run, decision) || pairs.some(([one, other]) => differ(one, other, COUNTED)))
    return "claims_between";
  if (turnsNear(run, trail, at)) return "clocks";
  return isLedgerUnknown(run, decision, outcome) ? "ledger_unknown" : "unexplained";
}

/** Whether a commit found somebody at their own cap; commits count in an order of their own. */
function wasAnybodyFull(trail: Trail): boolean {
  return trail.some(
    ({ reason, candidates = [] }) =>
      reason.endsWith(OWN_CAP_REACHED) ||
      candidates.some((seat) => seat.reason === OWN_CAP_REACHED),
  );
}

/** Whether a claim before this one was drawn for no decision of the record: it was given back since, or came from before. */
function skipsNumbers(run: Run, { podId, claimSeq }: RecordedDecision): boolean {
  return podId !== null && claimSeq !== null && run.pod(podId).state.lastSeq + 1 !== claimSeq;
}

/** What is said of the account and its owner; nothing when no rule asks. */
function ownerReason(trail: Trail): string | undefined {
  return trail.find(({ kind }) => kind === "matched_account")?.reason;
}

/** Whether the pod knew the member otherwise than the configuration of the instant has them. */
function isOtherRoster([one, other]: SeatPair): boolean {
  if (one === null || other === null || differ(one, other, ["weight", "cap"])) return true;
  const isPresence = [one, other].some(({ eligibility }) => PRESENCE.has(eligibility));
  return one.eligibility !== other.eligibility && isPresence;
}

const PRESENCE: ReadonlySet<string> = new Set(["inactive", "absent", "off_hours"]);

/** Whether somebody's hours, absence or day began or ended while the pass was on its way. */
function turnsNear(run: Run, trail: Trail, at: number): boolean {
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

/** Whether it depended on a turn from before the record, or on members whom a shortened trail leaves out. */
function isLedgerUnknown(run: Run, decision: RecordedDecision, outcome: Outcome): boolean {
  const { podId, ownerId, trail } = decision;
  if (trail.some(({ others }) => others !== undefined)) return true;
  if (podId === null) return false;
  return [ownerId, outcome.ownerId].some((repId) => {
    const line = repId === null ? undefined : run.pod(podId).line(repId);
    return line !== undefined && !Number.isInteger(line.lastSeq);
  });
}

// What two trails have in common.

/** A candidate as recorded and as foreseen; null = not among them. */
type SeatPair = readonly [recorded: Seat | null, foreseen: Seat | null];

const STEP = ["rule", "outcome", "podId", "picked", "runnerUp"] as const;
const SEAT = ["repId", "eligibility", "count", "cap", "weight", "balance", "balanceAfter"] as const;
const COUNTED = ["count", "balance"] as const;

/** Whether one of these keys has other values. */
function differ<Value extends object>(
  one: Value | null | undefined,
  other: Value | null | undefined,
  keys: readonly (keyof Value)[],
): boolean {
  return keys.some((key) => one?.[key] !== other?.[key]);
}

/** Whether two trails say the same: the rules in order, and of each candidate eligibility, count, cap, weight and balance. */
export function isSameTrail(recorded: Trail, foreseen: Trail): boolean {
  return isSameList(recorded, foreseen, (step, other) => {
    const seats = isSameList(step.candidates ?? [], other.candidates ?? [], isSameSeat);
    return seats && !differ(step, other, STEP);
  });
}

function isSameSeat(one: Seat, other: Seat): boolean {
  return !differ(one, other, SEAT);
}

function isSameList<Item>(
  ones: readonly Item[],
  others: readonly Item[],
  isSame: (one: Item, other: Item) => boolean,
): boolean {
  if (ones.length !== others.length) return false;
  return ones.every((one, at) => {
    const other = others[at];
    return other !== undefined && isSame(one, other);
  });
}

/** Members of whom the two trails say different things, of the pods that both asked. */
function differingSeats(recorded: Trail, foreseen: Trail): readonly SeatPair[] {
  return recorded.flatMap((step) => {
    const other = foreseen.find((each) => each.podId === step.podId && each.rule === step.rule);
    if (step.candidates === undefined || other?.candidates === undefined) return [];
    const seats = new Map(step.candidates.map((seat) => [seat.repId, seat]));
    const others = new Map(other.candidates.map((seat) => [seat.repId, seat]));
    const pairs = [...new Set([...seats.keys(), ...others.keys()])].map((repId): SeatPair => [
      seats.get(repId) ?? null,
      others.get(repId) ?? null,
    ]);
    return pairs.filter(([one, two]) => differ(one, two, SEAT));
  });
}
