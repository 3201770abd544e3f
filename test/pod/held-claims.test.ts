import { describe, expect, it } from "vitest";
import { type Claim, HeldClaims } from "../../src/pod/claims.ts";

function heldClaim(seq: number, leadId = `l${seq}`): Claim {
  return {
    leadId,
    generation: 1,
    seq,
    repId: `rep-${seq}`,
    day: "2026-03-02",
    claimedAt: 0,
    state: "held",
    open: true,
    credits: {},
    draw: { candidates: [], runnerUp: null },
  };
}

const wanted = { leadId: "l1", generation: 1, excluded: {} };

describe("the claims a pod holds", () => {
  it("are numbered from the lowest held, however many there are", () => {
    const held = new HeldClaims();
    expect(held.lowest()).toBe(Infinity);
    held.note(Array.from({ length: 200_000 }, (_, at) => heldClaim(at + 1)));
    expect(held.lowest()).toBe(1);
    held.note([{ ...heldClaim(2), state: "settled" }]);
    expect(held.lowest()).toBe(1);
    held.note([{ ...heldClaim(1), state: "returned" }]);
    expect(held.lowest()).toBe(3);
    expect(held.size).toBe(199_998);
    expect(held.after(150_000, 2).map(({ seq }) => seq)).toEqual([150_001, 150_002]);
  });

  it("stay in the order of their numbers when they are noted again in another", () => {
    const held = new HeldClaims();
    held.note([heldClaim(1), heldClaim(2), heldClaim(3)]);
    held.note([{ ...heldClaim(3), open: false }, heldClaim(1)]);
    expect(held.after(0, 9).map(({ seq }) => seq)).toEqual([1, 2, 3]);
    expect(held.lowest()).toBe(1);
  });

  it("are kept without their draws, which are kilobytes each", () => {
    const held = new HeldClaims();
    held.note([heldClaim(1)]);
    expect(held.after(0, 1)).toEqual([
      { leadId: "l1", generation: 1, seq: 1, repId: "rep-1", day: "2026-03-02" },
    ]);
  });

  it("are found for their decision, the oldest whose rep may still get the lead", () => {
    const held = new HeldClaims();
    held.note([heldClaim(1, "l1"), heldClaim(2, "l1"), { ...heldClaim(3, "l1"), generation: 2 }]);
    expect(held.claimFor(wanted, {})?.seq).toBe(1);
    expect(held.claimFor({ ...wanted, excluded: { "rep-1": "has it now" } }, {})?.seq).toBe(2);
    expect(held.claimFor({ ...wanted, refused: ["rep-1", "rep-2"] }, {})).toBeUndefined();
    expect(held.claimFor(wanted, { "rep-1": "2026-03-02", "rep-2": "2026-03-01" })?.seq).toBe(2);
    expect(held.claimFor({ ...wanted, generation: 2 }, {})?.seq).toBe(3);
    held.note([
      { ...heldClaim(1, "l1"), state: "settled" },
      { ...heldClaim(2, "l1"), state: "returned" },
    ]);
    expect(held.claimFor(wanted, {})).toBeUndefined();
  });

  it("are copied apart: what a copy takes in or forgets stays its own", () => {
    const held = new HeldClaims();
    held.note([heldClaim(1)]);
    const copy = held.copy();
    copy.note([{ ...heldClaim(1), state: "settled" }, heldClaim(2)]);
    expect([held.size, held.claimFor(wanted, {})?.seq]).toEqual([1, 1]);
    expect([copy.size, copy.lowest()]).toEqual([1, 2]);
  });
});
