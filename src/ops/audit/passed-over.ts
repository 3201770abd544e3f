import type { Candidate, Eligibility, TrailStep } from "../../rules/trail.ts";
import { UNITS_PER_LEAD } from "../../pod/index.ts";

// "Why did it skip me", read off a trail. Pure.

/** A rule by which a rep could have got the lead and did not. */
export interface PassedOver {
  /** Place of the rule in the trail, from 0. */
  readonly step: number;
  readonly rule: string;
  /** Null = the rep was passed over as the owner of the lead's account. */
  readonly podId: string | null;
  /** Null where no pod was asked. `eligible` = it was somebody else's turn. */
  readonly eligibility: Eligibility | null;
  /** In words that read on after the rep's name where a pod was asked, else as the trail has them. */
  readonly reason: string;
  /** When what was in the way ends by itself, in milliseconds since the epoch; null = nothing was, or nobody knows. */
  readonly until: number | null;
  /** Leads owed to the rep, their share of this one included; null = they could not have been picked. */
  readonly owed: number | null;
  /** The same of whoever was picked. */
  readonly pickedOwed: number | null;
}

/** The rules that passed the rep over, in the trail's order; of a trail in which they did not get the lead. */
export function listPassedOver(trail: readonly TrailStep[], repId: string): readonly PassedOver[] {
  return trail.flatMap((step, at): PassedOver[] => {
    const told = { step: at, rule: step.rule, podId: step.podId ?? null };
    const candidate = findCandidate(step, repId);
    if (candidate !== undefined) return [{ ...told, ...explain(candidate, step) }];
    if (step.ownerId !== repId) return [];
    const { reason } = step;
    return [{ ...told, eligibility: null, reason, until: null, owed: null, pickedOwed: null }];
  });
}

/** Draws of these pods whose shortened list of candidates leaves the rep out. */
export function countUnnamed(
  trail: readonly TrailStep[],
  repId: string,
  podIds: ReadonlySet<string>,
): number {
  return trail.filter(
    (step) =>
      step.others !== undefined &&
      step.podId !== undefined &&
      podIds.has(step.podId) &&
      findCandidate(step, repId) === undefined,
  ).length;
}

function explain(candidate: Candidate, step: TrailStep) {
  const { eligibility, until } = candidate;
  const picked = findCandidate(step, step.picked);
  if (eligibility !== "eligible" || picked === undefined)
    return { eligibility, reason: candidate.reason, until, owed: null, pickedOwed: null };

  // The trail has balances as of before the lead's credit was handed out, which went by weight.
  const credit = (candidate.balanceAfter ?? candidate.balance) - candidate.balance;
  const owed = (candidate.balance + credit) / UNITS_PER_LEAD;
  const pickedCredit = Math.floor((credit * picked.weight) / candidate.weight);
  const pickedOwed = (picked.balance + pickedCredit) / UNITS_PER_LEAD;
  return { eligibility, reason: compare(owed, picked.repId, pickedOwed), until, owed, pickedOwed };
}

function compare(owed: number, picked: string, pickedOwed: number): string {
  const [own, theirs] = [toWords(owed), toWords(pickedOwed)];
  return own === theirs
    ? `was eligible and level with ${picked} at ${own} of a lead owed, but ${picked} was first in line`
    : `was eligible and owed ${own} of a lead, but ${picked} was owed ${theirs}`;
}

/** Two digits say enough of a lead; what rounds to nothing has no sign. */
function toWords(leads: number): string {
  return leads.toFixed(2).replace("-0.00", "0.00");
}

function findCandidate(
  { candidates = [] }: TrailStep,
  repId: string | undefined,
): Candidate | undefined {
  return candidates.find((candidate) => candidate.repId === repId);
}
