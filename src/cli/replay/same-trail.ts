import type { RecordedStep } from "./record.ts";

type Seat = NonNullable<RecordedStep["candidates"]>[number];

/** Whether two trails tell the same: the rules in order, and of each candidate eligibility, count, cap, weight and balance. */
export function isSameTrail(
  recorded: readonly RecordedStep[],
  foreseen: readonly RecordedStep[],
): boolean {
  return (
    recorded.length === foreseen.length &&
    recorded.every((step, at) => {
      const other = foreseen[at];
      return other !== undefined && isSameStep(step, other);
    })
  );
}

function isSameStep(one: RecordedStep, other: RecordedStep): boolean {
  const seats = one.candidates ?? [];
  const others = other.candidates ?? [];
  return (
    one.rule === other.rule &&
    one.outcome === other.outcome &&
    one.podId === other.podId &&
    one.picked === other.picked &&
    one.runnerUp === other.runnerUp &&
    seats.length === others.length &&
    seats.every((seat, at) => {
      const match = others[at];
      return match !== undefined && isSameSeat(seat, match);
    })
  );
}

function isSameSeat(one: Seat, other: Seat): boolean {
  return (
    one.repId === other.repId &&
    one.eligibility === other.eligibility &&
    one.count === other.count &&
    one.cap === other.cap &&
    one.weight === other.weight &&
    one.balance === other.balance &&
    one.balanceAfter === other.balanceAfter
  );
}

/** Members of whom the two trails say different things, of the pods that both asked. */
export function differingSeats(
  recorded: readonly RecordedStep[],
  foreseen: readonly RecordedStep[],
): { readonly recorded: Seat | null; readonly foreseen: Seat | null }[] {
  return recorded.flatMap((step) => {
    const other = foreseen.find((each) => each.podId === step.podId && each.rule === step.rule);
    if (step.candidates === undefined || other?.candidates === undefined) return [];
    const seats = new Map(step.candidates.map((seat) => [seat.repId, seat]));
    const others = new Map(other.candidates.map((seat) => [seat.repId, seat]));
    return [...new Set([...seats.keys(), ...others.keys()])].flatMap((repId) => {
      const [one = null, two = null] = [seats.get(repId), others.get(repId)];
      return one && two && isSameSeat(one, two) ? [] : [{ recorded: one, foreseen: two }];
    });
  });
}
