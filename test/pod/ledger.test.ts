import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { spread, takeTurn, type Seat } from "../../src/pod/ledger.ts";

type LeadsByRep = ReadonlyMap<string, number>;

/** How things stand after a lead. `expected` is no part of the ledger: fractions of leads, summed by the definition. */
interface Standing {
  readonly picked: string | null;
  readonly received: LeadsByRep;
  readonly expected: LeadsByRep;
}

/** Plays a sequence of leads; `eligible` says who could take the nth one. */
function* play(
  weights: Readonly<Record<string, number>>,
  leads: number,
  eligible: (lead: number, repId: string) => boolean = () => true,
): Generator<Standing> {
  const nothing = () => new Map(Object.keys(weights).map((repId) => [repId, 0]));
  const balance = nothing();
  const lastSeq = nothing();
  const received = nothing();
  const expected = nothing();
  const add = (to: Map<string, number>, repId: string, amount: number) =>
    to.set(repId, (to.get(repId) ?? 0) + amount);

  for (let lead = 0; lead < leads; lead++) {
    const seats = Object.entries(weights)
      .filter(([repId]) => eligible(lead, repId))
      .map(([repId, weight]): Seat => ({
        repId,
        weight,
        balance: balance.get(repId) ?? 0,
        lastSeq: lastSeq.get(repId) ?? 0,
      }));
    const turn = takeTurn(seats);
    if (turn !== null) {
      for (const [repId, credit] of turn.credits) add(balance, repId, credit);
      add(balance, turn.picked, -turn.price);
      lastSeq.set(turn.picked, lead + 1);
      add(received, turn.picked, 1);
    }
    const total = seats.reduce((sum, { weight }) => sum + weight, 0);
    for (const { repId, weight } of seats) add(expected, repId, weight / total);
    expect([...balance.values()].reduce((sum, units) => sum + units, 0)).toBe(0);
    yield { picked: turn?.picked ?? null, received, expected };
  }
}

const picks = (standings: Iterable<Standing>) => Array.from(standings, ({ picked }) => picked);

/** How far the member who got the most too few, or too many, is from their share, in leads. */
function farthestOff({ received, expected }: Standing): number {
  return Math.max(
    ...[...expected].map(([repId, share]) => Math.abs(share - (received.get(repId) ?? 0))),
  );
}

describe("the ledger", () => {
  it("is round-robin down the list when everybody is eligible with equal weights", () => {
    expect(picks(play({ ana: 1, bo: 1, cy: 1 }, 7)).join(" ")).toBe("ana bo cy ana bo cy ana");
  });

  it("interleaves weights 5:1:1 as a a b a c a a", () => {
    expect(picks(play({ a: 5, b: 1, c: 1 }, 7)).join(" ")).toBe("a a b a c a a");
  });

  it("picks nobody when nobody is eligible, and names no runner-up when one is alone", () => {
    expect(takeTurn([])).toBeNull();
    expect(takeTurn([{ repId: "ana", weight: 3, balance: 0, lastSeq: 0 }])).toMatchObject({
      picked: "ana",
      runnerUp: null,
    });
  });

  it("keeps max − min ≤ 1 at every prefix for equal weights, always eligible", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 60 }),
        (members, leads) => {
          const weights = Object.fromEntries(
            Array.from({ length: members }, (_, at) => [`r${at}`, 1]),
          );
          for (const { received } of play(weights, leads)) {
            const counts = [...received.values()];
            expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
          }
        },
      ),
    );
  });

  it("keeps |received − expected| < 2 at every prefix for any weights, always eligible", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 8 }),
        (list) => {
          const weights = Object.fromEntries(list.map((weight, at) => [`r${at}`, weight]));
          for (const standing of play(weights, 200)) expect(farthestOff(standing)).toBeLessThan(2);
        },
      ),
      { numRuns: 50 },
    );
  });

  it("keeps everybody within 2 leads of their share at every prefix of 20,000 leads of random eligibility", () => {
    const names = Array.from({ length: 8 }, (_, at) => `r${at}`);
    const weights = Object.fromEntries(names.map((name) => [name, 1]));
    const dice = fc.sample(fc.integer({ min: 0, max: 99 }), { numRuns: 20_000 * 8, seed: 7 });
    const there = (lead: number, repId: string) =>
      (dice[lead * 8 + names.indexOf(repId)] ?? 99) < 60;
    for (const standing of play(weights, 20_000, there))
      expect(farthestOff(standing)).toBeLessThan(2);
  });

  it("gives who comes back no flood: a skipped member gains nothing and owes nothing", () => {
    // Weights differ, so that the turn of who waited longest is not by chance the right one.
    const weights = { ana: 4, bo: 1, cy: 1 };
    const standings = play(weights, 90, (lead, repId) => repId !== "cy" || lead >= 30);
    const all = Array.from(standings, (standing) => {
      expect(farthestOff(standing)).toBeLessThan(2);
      return standing.picked;
    });
    expect(all.slice(0, 30)).not.toContain("cy");
    const back = all.slice(30);
    expect(back.filter((repId) => repId === "cy").length).toBe(10);
    expect(back.join(" ")).not.toContain("cy cy");
  });
});

describe("spread", () => {
  it("splits any amount by weight into integers that add up to it", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -(10 ** 12), max: 10 ** 12 }),
        fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 20 }),
        (amount, list) => {
          const parts = spread(amount, new Map(list.map((weight, at) => [`r${at}`, weight])));
          expect([...parts.values()].every(Number.isSafeInteger)).toBe(true);
          expect([...parts.values()].reduce((sum, part) => sum + part, 0)).toBe(amount);
        },
      ),
    );
  });
});
