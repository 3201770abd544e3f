// Whose turn is it? A ledger instead of a cursor (the fair carpool problem: Fagin & Williams 1983):
//
//   1. For each lead, every eligible member gains weight / (sum of eligible weights) of a lead.
//   2. The highest balance is picked. Ties: least recently assigned, then join order.
//   3. The picked member pays exactly what was handed out, so balances always sum to zero.
//
// With everybody eligible and equal weights this is round-robin down the list. Skipped members gain no
// credit and owe no debt, so they are not flooded with leads when they come back.

/** One lead in the ledger's integer units: fine enough that rounding never reaches a whole lead. */
export const UNITS_PER_LEAD = 1_000_000_000;

/** A member who could take the lead at hand. Seats are given in join order. */
export interface Seat {
  readonly repId: string;
  readonly weight: number;
  /** Units owed to the member: positive = has had less than their share. */
  readonly balance: number;
  /** Number of the claim the member last won; 0 = none yet. */
  readonly lastSeq: number;
}

export interface Turn {
  readonly picked: string;
  /** Second by the same order; null when nobody else was eligible. */
  readonly runnerUp: string | null;
  /** What each eligible member gained, in units. */
  readonly credits: ReadonlyMap<string, number>;
  /** What the picked member pays: the sum of the credits. */
  readonly price: number;
}

/** Hands one lead's worth of credit out to the seats by weight: what each gains, and what the member who gets it pays. O(seats). */
export function creditAll(
  seats: readonly Pick<Seat, "repId" | "weight">[],
): Pick<Turn, "credits" | "price"> {
  const totalWeight = seats.reduce((total, seat) => total + seat.weight, 0);
  const credits = new Map<string, number>();
  let price = 0;
  for (const { repId, weight } of seats) {
    const credit = Math.floor((weight * UNITS_PER_LEAD) / totalWeight);
    credits.set(repId, credit);
    price += credit;
  }
  return { credits, price };
}

/** Decides whose turn it is; null when there are no seats. O(seats). */
export function takeTurn(seats: readonly Seat[]): Turn | null {
  const { credits, price } = creditAll(seats);
  const owed = (seat: Seat) => seat.balance + (credits.get(seat.repId) ?? 0);
  const precedes = (seat: Seat, other: Seat) =>
    owed(seat) > owed(other) || (owed(seat) === owed(other) && seat.lastSeq < other.lastSeq);

  let first: Seat | null = null;
  let second: Seat | null = null;
  for (const seat of seats) {
    if (first === null || precedes(seat, first)) {
      second = first;
      first = seat;
    } else if (second === null || precedes(seat, second)) {
      second = seat;
    }
  }
  return first && { picked: first.repId, runnerUp: second?.repId ?? null, credits, price };
}

/**
 * Splits an amount by weight into integers that add up to it exactly; what rounding leaves goes to the
 * first. Used when a leaver's balance, or a share nobody can pay back, is spread over the rest.
 */
export function spread(amount: number, weights: ReadonlyMap<string, number>): Map<string, number> {
  const totalWeight = [...weights.values()].reduce((total, weight) => total + weight, 0);
  const parts = new Map<string, number>();
  let rest = amount;
  for (const [repId, weight] of weights) {
    const part = Math.trunc((amount * weight) / totalWeight);
    parts.set(repId, part);
    rest -= part;
  }
  const [first] = parts.keys();
  if (first !== undefined) parts.set(first, (parts.get(first) ?? 0) + rest);
  return parts;
}

/**
 * What a member got and what would have been fair, in leads, exact to the ledger's 9 digits.
 * `owed` is expected less received: positive = has had less than their share.
 */
export function shareOf({ received, balance }: { received: number; balance: number }) {
  // Integers until the one division, so that no sum of fractions shows as 3.6666666660000002.
  return {
    received,
    expected: (received * UNITS_PER_LEAD + balance) / UNITS_PER_LEAD,
    owed: balance / UNITS_PER_LEAD,
  };
}
